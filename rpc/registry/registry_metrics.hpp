// What the registry's numbers are called in Prometheus (METRICS.md has the list).
#pragma once
#include "bus/metrics.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

void add_metrics(MetricsText& text, const Registry::Numbers& numbers);

}  // namespace xbus::registry
