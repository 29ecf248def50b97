// xbus: the bus from the command line.
#include <algorithm>
#include <vector>

#include "services/common/command_line.hpp"
#include "services/xbus/context_keys.hpp"
#include "services/xbus/verbs.hpp"

namespace {

// What help and the manual page say about the whole program.
void describe(xbus::common::CommandLine& line) {
  line.details(
          "Results are JSON for a pipe and tables for a person. An error is one line on standard "
          "error: what failed, where, why and what to do.")
      .section("Exit status",
               {{"0", "done"},
                {"1", "local trouble"},
                {"2", "usage"},
                {"64 + N",
                 "what the bus or the service said, as the gRPC status N: 67 bad "
                 "arguments, 68 no answer in time, 71 forbidden, 72 too much at once, "
                 "74 lost with the outcome unknown, 76 no such method, 78 nobody there, "
                 "80 not logged in"}})
      .section("Environment",
               {{"XBUS_BUS", "where the bus is, as --bus takes it"},
                {"XBUS_PASSWORD", "the password, where no file has it"},
                {"XBUS_CA, XBUS_PIN", "what --ca and --pin say"},
                {"NO_COLOR", "set and not empty: no colours"},
                {"XDG_CONFIG_HOME", "where xbus/config.toml is; else ~/.config"},
                {"XDG_CACHE_HOME", "where completion keeps what it knows of a bus; else ~/.cache"}})
      .example("xbus list", "Who is on the bus.")
      .example("xbus call agent load", "Calls a method of a service.");
}

}  // namespace

int main(int argc, char** argv) {
  using namespace xbus;
  cli::Invocation invocation;
  cli::Choice choice;
  common::CommandLine line("xbus", "Who is on the bus, what they offer, and calls to them.",
                           XBUS_VERSION);
  invocation.connection.add_to(line);
  line.choice("-o,--output", invocation.output, {"auto", "json", "table"},
              "form of the output; auto: by who reads it");
  line.flag("--json", invocation.json, "the same as --output json");
  line.seconds("--timeout", invocation.timeout, 0.001,
               std::chrono::duration<double>(limits::call_time_max).count(),
               "seconds to wait (10)");
  line.flag("--explain", invocation.explain,
            "show the stanzas sent and received on standard error");
  line.text("--context", choice.context,
            "the bus of this name in ~/.config/xbus/config.toml; see `xbus help context`");
  line.text("--as", choice.as, "log in as this account, by what the context has for it");
  describe(line);
  line.man_page(cli::contexts_page("xbus " XBUS_VERSION));
  const std::vector<cli::Verb> verbs = {
      cli::list_verb(line, invocation),     cli::describe_verb(line, invocation),
      cli::call_verb(line, invocation),     cli::scatter_verb(line, invocation),
      cli::template_verb(line, invocation), cli::ping_verb(line, invocation),
      cli::doctor_verb(line, invocation),   cli::trace_verb(line, invocation),
      cli::stats_verb(line, invocation),    cli::top_verb(line, invocation),
      cli::drain_verb(line, invocation),    cli::log_level_verb(line, invocation),
      cli::account_verb(line, invocation),  cli::name_verb(line, invocation),
      cli::serve_verb(line, invocation),    cli::context_verb(line, invocation),
      cli::publish_verb(line, invocation),  cli::watch_verb(line, invocation),
      cli::topic_verb(line, invocation),    cli::monitor_verb(line, invocation),
      cli::bench_verb(line, invocation),    cli::complete_verb(line, invocation),
      cli::help_verb(line, invocation)};
  if (const auto status = line.parse(argc, argv)) return *status;
  const auto given = std::find_if(verbs.begin(), verbs.end(),
                                  [](const cli::Verb& verb) { return verb.line->given(); });
  const cli::Verb& verb = given == verbs.end() ? verbs.front() : *given;
  if (verb.bus == cli::Verb::Bus::yes) {
    const auto contexts = cli::read_contexts(cli::contexts_path());
    if (!contexts) return invocation.fail("config", contexts.error());
    const auto applied = cli::apply_context(*contexts, choice, invocation.connection);
    if (!applied) return invocation.fail("connect", applied.error(), cli::exit_usage);
  }
  return verb.run();
}
