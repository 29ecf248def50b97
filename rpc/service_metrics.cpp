#include "rpc/service_metrics.hpp"

namespace xbus {

namespace {

// Calls `use` with each method of each service.
template <class F>
void each_method(const std::vector<ServiceSeen>& services, F use) {
  for (const ServiceSeen& service : services)
    for (const MethodStats& method : service.stats.methods) use(service.stats, method);
}

uint64_t count(int64_t number) { return static_cast<uint64_t>(number); }

}  // namespace

void add_metrics(MetricsText& text, const std::vector<ServiceSeen>& services) {
  text.gauge("xbus_service_info", "Always 1: which version of a service this is.");
  for (const auto& [stats, connected] : services)
    text.add({{"service", stats.service}, {"version", stats.version}}, uint64_t{1});
  text.gauge("xbus_service_connected", "1 while the service is connected to the bus.");
  for (const auto& [stats, connected] : services) text.add({{"service", stats.service}}, uint64_t{connected});
  text.gauge("xbus_service_uptime_seconds", "Since the service was first served.");
  for (const auto& [stats, connected] : services)
    text.add({{"service", stats.service}}, std::chrono::duration<double>(stats.uptime).count());

  text.counter("xbus_calls_total", "Calls that have ended, by the row of the table of errors.");
  each_method(services, [&](const ServiceStats& stats, const MethodStats& method) {
    for (const auto& [outcome, number] : method.outcomes)
      text.add({{"service", stats.service}, {"method", method.method}, {"outcome", outcome}}, count(number));
  });
  text.histogram("xbus_call_duration_seconds", "From arrival to answer, of calls that were worked on.");
  each_method(services, [&](const ServiceStats& stats, const MethodStats& method) {
    text.add({{"service", stats.service}, {"method", method.method}}, stats.bounds, method.latency, method.seconds);
  });
  text.counter("xbus_calls_repeated_total", "Calls answered from the memory of idempotency keys.");
  each_method(services, [&](const ServiceStats& stats, const MethodStats& method) {
    text.add({{"service", stats.service}, {"method", method.method}}, count(method.repeated));
  });
  text.gauge("xbus_calls_running", "Handlers at work.");
  each_method(services, [&](const ServiceStats& stats, const MethodStats& method) {
    text.add({{"service", stats.service}, {"method", method.method}}, count(method.running));
  });
  text.gauge("xbus_calls_queued", "Handlers that wait for a thread.");
  each_method(services, [&](const ServiceStats& stats, const MethodStats& method) {
    text.add({{"service", stats.service}, {"method", method.method}}, count(method.queued));
  });
}

}  // namespace xbus
