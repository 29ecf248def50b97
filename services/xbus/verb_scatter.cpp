#include <memory>

#include "rpc/printable.hpp"
#include "services/common/counted.hpp"
#include "services/xbus/call_arguments.hpp"
#include "services/xbus/gathering.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/value_view.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string service, method;
  ArgumentWords arguments;
  int64_t answers = 0;  // enough of them; 0: all
  double gap = 0;       // seconds without an answer that end it; 0: none
};

bool print(const Invocation& invocation, const Reply& reply) {
  if (invocation.wants_json()) {
    const double took = std::chrono::duration<double, std::milli>(reply.took).count();
    Value line = Value::structure({{"instance", reply.instance}, {"milliseconds", took}});
    if (reply.value) line.set("value", *reply.value);
    if (reply.fault)
      line.set("fault", Value::structure({{"kind", std::string(reply.fault->kind_name())},
                                          {"code", static_cast<int32_t>(reply.fault->code())},
                                          {"message", reply.fault->message()}}));
    return invocation.print_line(line);
  }
  const Terminal& out = invocation.out;
  const std::string name = out.bold(printable(reply.instance) + ":");
  if (reply.fault)
    return invocation.print_text(name + " " + out.red(printable(std::string(reply.fault->what()))) +
                                 "\n");
  const std::string shown = value_view(*reply.value, out);
  const bool short_one = shown.find('\n') == shown.size() - 1;
  return invocation.print_text(name + (short_one ? " " : "\n") + shown);
}

struct Round {
  size_t asked = 0, answered = 0;
  int status = 0;  // of the first that failed
  bool written = true;
};

Task<void> gather(Interrupt& interrupt, const Invocation& invocation, const Words& words,
                  Gathering& gathering, Round& round) {
  const auto gap = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(words.gap));
  const size_t enough = words.answers > 0 ? static_cast<size_t>(words.answers) : round.asked;
  while (gathering.open() > 0 && round.answered < enough && round.written) {
    // The gap is between answers: the first has the whole time.
    std::optional<Duration> patience;
    if (round.answered > 0 && words.gap > 0) patience = gap;
    auto taking = gathering.next(patience);
    const auto reply = co_await std::move(taking);
    if (!reply || interrupt.given()) co_return;
    if (reply->is_answer()) ++round.answered;
    if (reply->fault && round.status == 0) round.status = exit_status(reply->fault->kind());
    round.written = print(invocation, *reply);
  }
}

Task<int> scatter(Bus& bus, Interrupt& interrupt, const Invocation& invocation, const Words& words,
                  const GivenArguments& given) {
  const auto until = bus.loop().now() + invocation.time_max();
  const auto instances = co_await bus.instances(words.service);
  if (instances.empty())
    throw Fault(Fault::Kind::unavailable, "no instance of " + words.service + " is there");
  CallOptions options;
  options.timeout = invocation.time_max();
  auto reading = arguments_for(bus.service(words.service).with(options), words.method, given);
  const Value::Array arguments = co_await std::move(reading);
  options.timeout = std::max(Duration::zero(), until - bus.loop().now());
  options.cancel = interrupt.calls();
  Gathering gathering(bus.loop());
  for (const registry::InstanceInfo& instance : instances)
    gathering.ask(bus.entity(instance.jid.str()).with(options), words.method, arguments,
                  instance.id);
  Round round;
  round.asked = instances.size();
  co_await gather(interrupt, invocation, words, gathering, round);
  interrupt.give();  // what is still under way
  if (round.answered < round.asked)
    invocation.note(std::to_string(round.answered) + " of " + common::counted(round.asked, "instance") +
                    " answered");
  co_return round.written ? round.status : exit_local_trouble;
}

}  // namespace

Verb scatter_verb(common::CommandLine& program, const Invocation& invocation) {
  using Need = common::CommandLine::Need;
  auto& line = program.verb("scatter", "call a method of all instances; each answer as it comes");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name", Need::required);
  line.text("METHOD", words->method, "as `xbus describe SERVICE` shows it", Need::required);
  words->arguments.add_to(line);
  line.number("--max", words->answers, 1, static_cast<int64_t>(limits::instances_per_name_max),
              "so many answers are enough");
  line.seconds("--gap", words->gap, 0.001,
               std::chrono::duration<double>(limits::call_time_max).count(),
               "seconds without a further answer that end it");
  line.details(
          "A pipe gets a JSON object a line: instance, milliseconds, and value or fault. "
          "--timeout is for the whole; draining instances are asked too. The exit status is that "
          "of the first instance that failed.")
      .example("xbus scatter agent load", "The load of every host that has an agent.")
      .example("xbus scatter agent uptime --max 1", "Whoever answers first.")
      .example("xbus scatter agent load --gap 0.5 --timeout 5",
               "Until half a second has brought no further answer.");
  return {&line, [&invocation, words] {
            const std::string doing = "scatter " + words->service + " " + words->method;
            GivenArguments given;
            if (!words->arguments.words.empty() && words->arguments.json)
              return invocation.fail(doing, "arguments come either as words or with --json", exit_usage);
            try {
              given = read_arguments(words->arguments);
            } catch (const Fault& fault) {
              return invocation.fail(doing, fault.message());
            }
            Invocation own = invocation;
            own.json |= words->arguments.json_given && !words->arguments.json;
            return with_bus(own, doing, [&](Bus& bus, Interrupt& interrupt) {
              return with_suggestion(bus, words->service, words->method,
                                     scatter(bus, interrupt, own, *words, given));
            });
          }};
}

}  // namespace xbus::cli
