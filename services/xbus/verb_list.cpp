#include "services/xbus/description_view.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

Task<int> list(Bus& bus, const Invocation& invocation) {
  const auto services = co_await bus.list(invocation.time_max());
  if (invocation.wants_json())
    co_return invocation.print(services_value(services)) ? 0 : exit_local_trouble;
  if (services.empty()) invocation.note("no service is on the bus");
  co_return invocation.print_text(services_view(services, invocation.out)) ? 0 : exit_local_trouble;
}

}  // namespace

Verb list_verb(common::CommandLine& program, const Invocation& invocation) {
  auto& line = program.verb("list", "who is on the bus; also without a verb");
  line.details("A service whose instances differ in interface is marked.")
      .example("xbus list", "The services, their instances, state, load and version.")
      .example("xbus list --json", "The same for a program.");
  return {&line, [&invocation] {
            return with_bus(invocation, "list", [&](Bus& bus) { return list(bus, invocation); });
          }};
}

}  // namespace xbus::cli
