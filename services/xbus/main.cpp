// xbus: the bus from the command line.
#include <vector>

#include "services/common/command_line.hpp"
#include "services/xbus/verbs.hpp"

int main(int argc, char** argv) {
  using namespace xbus;
  cli::Invocation invocation;
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
  line.footer(
      "Exit status: 0 done, 1 local trouble, 2 usage, 64 + gRPC status for what the bus or the "
      "service said (67 bad\n"
      "arguments, 68 no answer in time, 71 forbidden, 74 lost with the outcome unknown, 76 no such "
      "method, 78 nobody\n"
      "there, 80 not logged in).");
  const std::vector<cli::Verb> verbs = {
      cli::list_verb(line, invocation),    cli::describe_verb(line, invocation),
      cli::call_verb(line, invocation),    cli::ping_verb(line, invocation),
      cli::account_verb(line, invocation), cli::name_verb(line, invocation),
      cli::serve_verb(line, invocation)};
  if (const auto status = line.parse(argc, argv)) return *status;
  for (const cli::Verb& verb : verbs)
    if (verb.line->given()) return verb.run();
  return verbs.front().run();
}
