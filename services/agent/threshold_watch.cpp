#include "services/agent/threshold_watch.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "services/agent/pressure.hpp"

namespace xbus::agent {
namespace {

Moment moment() {
  return {std::chrono::steady_clock::now(),
          std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())};
}

// Measures at the start, at each word of the kernel, and by the timer. A word stands for the share that it was asked
// for: the average of ten seconds follows later.
template <class Measure>
void watch_pressure(const ThresholdWatch& watch, const Stop& stop, const char* resource, double limit,
                    Measure measure) {
  const PressureTrigger trigger(watch.proc, resource, limit);
  double told = 0;
  for (;;) {
    auto average = pressure(watch.proc, resource);
    if (average) average = std::max(*average, told);
    measure(average);
    const Woken woken = wait_for(trigger.fd(), POLLPRI, stop, watch.every);
    if (woken == Woken::stopped) return;
    told = woken == Woken::ready ? limit : 0;
  }
}

}  // namespace

void watch_load(const ThresholdWatch& watch, const Stop& stop) {
  Thresholds thresholds(watch.host, watch.limits);
  watch_pressure(watch, stop, "cpu", watch.limits.load_pressure, [&](std::optional<double> average) {
    const auto found = load(watch.proc);
    auto event = found ? thresholds.add(*found, average, moment()) : std::nullopt;
    if (event) watch.load(std::move(*event));
  });
}

void watch_memory(const ThresholdWatch& watch, const Stop& stop) {
  Thresholds thresholds(watch.host, watch.limits);
  watch_pressure(watch, stop, "memory", watch.limits.memory_pressure, [&](std::optional<double> average) {
    const auto found = memory(watch.proc);
    auto event = found ? thresholds.add(*found, average, moment()) : std::nullopt;
    if (event) watch.memory(std::move(*event));
  });
}

void watch_disks(const ThresholdWatch& watch, const Stop& stop) {
  Thresholds thresholds(watch.host, watch.limits);
  do {
    const auto found = disks(watch.proc);
    if (!found) continue;
    for (DiskEvent& event : thresholds.add(*found, moment())) watch.disk(std::move(event));
  } while (wait_for(-1, 0, stop, 2 * watch.every) != Woken::stopped);
}

}  // namespace xbus::agent
