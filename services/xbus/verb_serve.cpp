#include <memory>

#include "services/common/serving.hpp"
#include "services/xbus/method_spec.hpp"
#include "services/xbus/program_file.hpp"
#include "services/xbus/served_command.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

struct Words {
  std::string name, command, methods, instance, version, doc, metrics;
  std::vector<std::string> arguments, allow, admins;
  int64_t runs = static_cast<int64_t>(limits::exec_runs_default);
  int64_t output = static_cast<int64_t>(limits::exec_output_bytes_max);
  double time = std::chrono::duration<double>(limits::call_time_max).count();
};

ServedCommand served_command(const Words& words) {
  ServedCommand command;
  command.words = {words.command};
  command.words.insert(command.words.end(), words.arguments.begin(), words.arguments.end());
  command.methods = method_specs(words.methods);
  command.time_max =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(words.time));
  command.output_bytes_max = static_cast<size_t>(words.output);
  command.runs_max = static_cast<size_t>(words.runs);
  return command;
}

int serve(const Invocation& invocation, const Words& words) {
  const std::string doing = "serve " + words.name;
  if (const auto why = why_not_runnable(words.command))
    return invocation.fail(doing, "--exec " + *why, exit_usage);
  auto connection = invocation.connection.options();
  if (!connection) return invocation.fail(doing, connection.error());
  try {
    Service service(words.name);
    service.version(words.version).doc(words.doc);
    const common::Log log(invocation.err.person ? common::LogFormat::text : common::LogFormat::json,
                          common::LogLevel::info);
    ServedCommand command = served_command(words);
    command.failed = [log](const std::string& method, const Ending& ending) {
      log.warn("run failed",
               {{"method", method}, {"how", text_of(ending)}, {"error", ending.error_line}});
    };
    add_served_command(service, std::move(command));
    service.admins(Acl(words.admins));  // checked now; with its own account once that is known
    if (!words.allow.empty()) service.allow(Acl(words.allow));
    BusOptions options;
    options.connection = std::move(*connection);
    options.connection.resource = words.instance;
    options.metrics = words.metrics;
    return common::serve(service, std::move(options), log, [&](Bus& bus) {
      Acl admins = common::default_admins(bus, invocation.connection.kernel_identity());
      for (const std::string& pattern : words.admins) admins.add(pattern);
      service.admins(admins);
    });
  } catch (const Fault& fault) {
    return invocation.fail(doing, fault.message(), exit_usage);
  } catch (const std::exception& error) {
    return invocation.fail(doing, std::string_view(error.what()), exit_usage);
  }
}

}  // namespace

Verb serve_verb(common::CommandLine& program, const Invocation& invocation) {
  using Need = common::CommandLine::Need;
  auto& line = program.verb("serve", "make a command a service: each call runs it once");
  const auto words = std::make_shared<Words>();
  line.text("NAME", words->name, "the service's name", Need::required);
  line.text("--exec", words->command,
            "the command: run directly, with the method as its last argument, the arguments as a "
            "JSON array on its "
            "standard input and the caller in XBUS_CALLER; its output is the result, exit 64+n the "
            "gRPC status n",
            Need::required);
  line.texts("ARGS", words->arguments,
             "arguments of the command before the method, best behind --");
  line.text("--methods", words->methods,
            "what may be called: names, or signatures such as 'add(a: int32, b: int32) -> int32', "
            "between commas",
            Need::required);
  line.text("--instance", words->instance, "the id of this instance; else the bus chooses");
  line.text("--metrics", words->metrics,
            "[ADDRESS:]PORT at which Prometheus finds /metrics; loopback without ADDRESS");
  line.text("--service-version", words->version, "the service's version");
  line.text("--doc", words->doc, "what it does, shown by describe");
  line.texts("--allow", words->allow,
             "JID pattern of who may call; else the accounts of the bus's own domain");
  line.texts("--admin", words->admins,
             "JID pattern of who is told why a run failed, beside this account");
  line.number("--runs", words->runs, 1, static_cast<int64_t>(limits::exec_runs_max),
              "at most so many runs at once");
  line.number("--output-bytes", words->output, 1, static_cast<int64_t>(limits::message_bytes_max),
              "what a run may write");
  line.seconds("--run-time", words->time, 0.001, words->time,
               "what a run may take, beside the call's own deadline");
  line.details(
          "The command reads its arguments as a JSON array and writes its result as JSON or text. "
          "It sees XBUS_CALLER, XBUS_METHOD and XBUS_DEADLINE_MS. What it starts ends with it.")
      .example("xbus serve echo --exec /bin/sh --methods 'say(text: string) -> any' -- -c cat",
               "A service whose one method answers with its arguments.");
  return {&line, [&invocation, words] { return serve(invocation, *words); }};
}

}  // namespace xbus::cli
