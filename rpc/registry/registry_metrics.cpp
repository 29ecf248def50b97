#include "rpc/registry/registry_metrics.hpp"

namespace xbus::registry {

void add_metrics(MetricsText& text, const Registry::Numbers& numbers) {
  text.gauge("xbus_registry_services", "Services that have an instance.");
  text.add({}, numbers.services);
  text.gauge("xbus_registry_instances", "Instances listed, by their state.");
  for (const auto& [state, count] : numbers.instances) {
    const auto name = name_of(state);
    text.add({{"state", name}}, count);
  }
  text.gauge("xbus_registry_names", "Names that somebody owns.");
  text.add({}, numbers.names);
  text.gauge("xbus_registry_watches", "Names watched by callers, each watcher's counted.");
  text.add({}, numbers.watches);
  text.counter("xbus_registry_dispatched_total", "Calls passed on to an instance.");
  text.add({}, numbers.dispatched);
  text.gauge("xbus_registry_dispatching", "Calls passed on that have no answer yet.");
  text.add({}, numbers.dispatching);
  text.counter("xbus_registry_failed_writes_total", "Writes to its store that failed.");
  text.add({}, numbers.failed_writes);
  text.gauge("xbus_registry_conversations", "People who write to an instance through the registry.");
  text.add({}, numbers.conversations);
}

}  // namespace xbus::registry
