#include <memory>
#include <optional>

#include "bus/crypto/random.hpp"
#include "services/xbus/call_arguments.hpp"
#include "services/xbus/suggestion.hpp"
#include "services/xbus/tally.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

constexpr unsigned call_attempts = 5;  // of a call with --idempotent, the first included

struct Words {
  std::string service, method, instance, key;
  ArgumentWords arguments;
  bool one_way = false, idempotent = false;
  int64_t repeat = 0;  // 0: once, or with --every until interrupted
  double every = 0;    // seconds between the beginnings

  bool many() const { return repeat > 0 || every > 0; }
};

CallOptions options_of(const Invocation& invocation, const Words& words) {
  CallOptions options;
  options.timeout = invocation.time_max();
  options.instance = words.instance;
  options.key = words.key;
  if (!words.idempotent) return options;
  if (options.key.empty()) options.key = crypto::random_id();
  options.retry.attempts = call_attempts;
  return options;
}

// One call; false when nothing can be written any more.
Task<bool> call_once(const Invocation& invocation, const Words& words, Remote remote,
                     Value::Array arguments) {
  if (words.one_way) {
    co_await remote.notify_values(words.method, std::move(arguments));
    co_return true;
  }
  const Value answer = co_await remote.call_values(words.method, std::move(arguments));
  // A method that returns nothing prints nothing for a person.
  co_return invocation.print(answer);
}

Task<int> call(Bus& bus, const Invocation& invocation, const Words& words,
               const GivenArguments& given) {
  const Remote remote = remote_for(bus, words.service).with(options_of(invocation, words));
  auto reading = arguments_for(remote, words.method, given);
  Value::Array arguments = co_await std::move(reading);
  co_return co_await call_once(invocation, words, remote, std::move(arguments))
      ? 0
      : exit_local_trouble;
}

// A call of a row; how it ended goes into the tally.
Task<bool> tallied(const Invocation& invocation, const std::string& doing, const Words& words,
                   Remote remote, Value::Array arguments, Tally& tally) {
  std::optional<Fault> fault;
  bool written = true;
  const auto begun = std::chrono::steady_clock::now();
  try {
    written = co_await call_once(invocation, words, remote, std::move(arguments));
    tally.add(std::chrono::steady_clock::now() - begun);
  } catch (const Fault& caught) {
    fault = caught;
  }
  if (fault && fault->kind() != Fault::Kind::cancelled) {
    tally.add(*fault);
    invocation.fail(doing, *fault);
  }
  co_return written;
}

Task<int> call_many(Bus& bus, Interrupt& interrupt, const Invocation& invocation,
                    const std::string& doing, const Words& words,
                    const GivenArguments& given) {
  const Remote asked = remote_for(bus, words.service).with(options_of(invocation, words));
  auto reading = arguments_for(asked, words.method, given);
  const Value::Array arguments = co_await std::move(reading);
  const auto every =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(words.every));
  Tally tally;
  Time next = bus.loop().now();
  bool written = true;
  for (int64_t i = 0; written && !interrupt.given() && (words.repeat == 0 || i < words.repeat);
       ++i) {
    if (const Time now = bus.loop().now(); next > now) co_await interrupt.pause(next - now);
    if (interrupt.given()) break;
    // What took longer than its share does not make the following ones come in a bunch.
    next = std::max(next + every, bus.loop().now());
    CallOptions options = options_of(invocation, words);
    options.cancel = interrupt.calls();
    const Remote remote = asked.with(std::move(options));
    written = co_await tallied(invocation, doing, words, remote, arguments, tally);
  }
  invocation.note(tally.text());
  co_return written ? tally.status() : exit_local_trouble;
}

int run(Invocation invocation, const Words& words) {
  invocation.json |= words.arguments.json_given && !words.arguments.json;
  const std::string doing = "call " + words.service + " " + words.method;
  GivenArguments given;
  if (words.many() && !words.key.empty())
    return invocation.fail(doing, "one --key is one piece of work: --idempotent gives each a key",
                           exit_usage);
  if (!words.arguments.words.empty() && words.arguments.json)
    return invocation.fail(doing, "arguments come either as words or with --json", exit_usage);
  try {
    given = read_arguments(words.arguments);
  } catch (const Fault& fault) {
    return invocation.fail(doing, fault.message());
  }
  invocation.reconnect = words.idempotent;
  if (!words.many())
    return with_bus(invocation, doing, [&](Bus& bus) {
      return with_suggestion(bus, words.service, words.method, call(bus, invocation, words, given));
    });
  return with_bus(invocation, doing, [&](Bus& bus, Interrupt& interrupt) {
    return with_suggestion(bus, words.service, words.method,
                           call_many(bus, interrupt, invocation, doing, words, given));
  });
}

}  // namespace

Verb call_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line =
      program.verb("call", "call a method; the result as JSON for a pipe, as a table for a person");
  const auto words = std::make_shared<Words>();
  line.text("SERVICE", words->service, "its name or JID", common::CommandLine::Need::required);
  line.text("METHOD", words->method, "as `xbus describe SERVICE` shows it",
            common::CommandLine::Need::required);
  words->arguments.add_to(line);
  line.text("--instance", words->instance, "only the instance of this id");
  line.text("--key", words->key, "idempotency key: the work of one key is done once");
  line.flag("--idempotent", words->idempotent,
            "give it a key of its own, and repeat it under that key when its outcome is lost or "
            "nobody could take it");
  line.flag("--one-way", words->one_way, "send it and do not wait for an answer");
  line.number("--repeat", words->repeat, 1, INT64_MAX,
              "call so many times, one after the other; a summary follows on standard error");
  line.seconds("--every", words->every, 0.001,
               std::chrono::duration<double>(limits::call_time_max).count(),
               "seconds from one beginning to the next; without --repeat until interrupted");
  line.details(
          "Arguments are read by the method's description: a word for text, numbers, true and "
          "false, enumerations and timestamps, JSON for structures and lists. `xbus template` "
          "gives a request to fill in.")
      .details(
          "--timeout is for each call, all its attempts together. Nothing is repeated without "
          "--idempotent: a service does the work of one key once and repeats its answer. The exit "
          "status of many calls is that of the first that failed.")
      .example("xbus call agent interfaces", "A table for a person, JSON for a pipe.")
      .example("xbus call agent processes 5", "With an argument.")
      .example("echo '{\"top\": 5}' | xbus call agent processes --json -", "The same from JSON.")
      .example("xbus call agent load --repeat 3 --every 0.1", "Three times, and a summary.")
      .example("xbus call agent load --idempotent --timeout 30",
               "Repeated under one key until its outcome is known.")
      .example("xbus call agent uptime --explain", "With the stanzas that it takes.");
  return {&line, [&invocation, words] { return run(invocation, *words); }};
}

}  // namespace xbus::cli
