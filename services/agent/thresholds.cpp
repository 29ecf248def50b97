#include "services/agent/thresholds.hpp"

#include <algorithm>
#include <utility>

namespace xbus::agent {
namespace {

Hysteresis of_value(double limit, Duration calm) { return Hysteresis({limit, limit * 0.9, calm}); }
Hysteresis of_pressure(double limit, Duration calm) { return Hysteresis({limit, limit * 0.5, calm}); }

double share(int64_t part, int64_t whole) {
  return whole <= 0 ? 0 : std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0);
}

}  // namespace

bool Thresholds::Pair::add(double now, std::optional<double> pressed, Time time) {
  const Level before = level();
  value.add(now, time);
  pressure.add(pressed.value_or(0), time);
  return level() != before;
}

Level Thresholds::Pair::level() const {
  return value.level() == Level::high || pressure.level() == Level::high ? Level::high : Level::normal;
}

Thresholds::Thresholds(std::string host, const Limits& limits)
    : host_(std::move(host)),
      limits_(limits),
      load_{of_value(limits.load, limits.calm), of_pressure(limits.load_pressure, limits.calm)},
      memory_{of_value(limits.memory, limits.calm), of_pressure(limits.memory_pressure, limits.calm)} {}

std::optional<LoadEvent> Thresholds::add(const Load& load, std::optional<double> pressure, Moment moment) {
  const int32_t processors = std::max(1, load.processors);
  if (!load_.add(load.one_minute / processors, pressure, moment.now)) return std::nullopt;
  LoadEvent event;
  event.host = host_;
  event.time = moment.time;
  event.level = load_.level();
  event.one_minute = load.one_minute;
  event.five_minutes = load.five_minutes;
  event.processors = processors;
  event.pressure = pressure;
  event.limit = limits_.load;
  event.pressure_limit = limits_.load_pressure;
  return event;
}

std::optional<MemoryEvent> Thresholds::add(const Memory& memory, std::optional<double> pressure, Moment moment) {
  const double used = share(memory.used, memory.total);
  if (!memory_.add(used, pressure, moment.now)) return std::nullopt;
  MemoryEvent event;
  event.host = host_;
  event.time = moment.time;
  event.level = memory_.level();
  event.total = memory.total;
  event.available = memory.available;
  event.swap_total = memory.swap_total;
  event.swap_free = memory.swap_free;
  event.used = used;
  event.pressure = pressure;
  event.limit = limits_.memory;
  event.pressure_limit = limits_.memory_pressure;
  return event;
}

std::vector<DiskEvent> Thresholds::add(const std::vector<Disk>& disks, Moment moment) {
  std::vector<DiskEvent> out;
  std::map<std::string, Hysteresis> still;
  for (const Disk& disk : disks) {
    const auto known = disks_.find(disk.mount_point);
    Hysteresis& fullness =
        still.emplace(disk.mount_point, known == disks_.end() ? of_value(limits_.disk, Duration(0)) : known->second)
            .first->second;
    const double used = share(disk.used, disk.used + disk.available),
                 files = share(disk.files_total - disk.files_free, disk.files_total);
    if (!fullness.add(std::max(used, files), moment.now)) continue;
    DiskEvent event;
    event.host = host_;
    event.time = moment.time;
    event.level = fullness.level();
    event.mount_point = disk.mount_point;
    event.device = disk.device;
    event.total = disk.total;
    event.available = disk.available;
    event.used = used;
    event.files_used = files;
    event.limit = limits_.disk;
    out.push_back(std::move(event));
  }
  disks_ = std::move(still);
  return out;
}

}  // namespace xbus::agent
