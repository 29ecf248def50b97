// What a service's counters are called in Prometheus (METRICS.md has the list).
#pragma once
#include <vector>

#include "bus/metrics.hpp"
#include "rpc/stats.hpp"

namespace xbus {

struct ServiceSeen {
  ServiceStats stats;
  bool connected = false;  // to the bus, now
};

// The services of one program. Labels are bounded: a method is one that the service has, or no_method; an outcome is a
// row of the table of errors.
void add_metrics(MetricsText& text, const std::vector<ServiceSeen>& services);

}  // namespace xbus
