// What the topics load, memory and disk tell: that something has become high, or is normal again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "bus/clock.hpp"
#include "services/agent/hysteresis.hpp"

namespace xbus::agent {

struct LoadEvent {
  std::string host;  // the agent's instance
  Timestamp time{};
  Level level = Level::normal;
  double one_minute = 0;  // as in Load
  double five_minutes = 0;
  int32_t processors = 0;
  std::optional<double> pressure;  // 0 to 1, the last ten seconds' share in which a task waited for a processor
  double limit = 0;                // of one_minute for each processor
  double pressure_limit = 0;
  int64_t missed = 0;  // events before this one that were not told
};
XBUS_STRUCT(LoadEvent, host, time, level, one_minute, five_minutes, processors, pressure, limit, pressure_limit, missed)

struct MemoryEvent {
  std::string host;
  Timestamp time{};
  Level level = Level::normal;
  int64_t total = 0;  // bytes, as in Memory
  int64_t available = 0;
  int64_t swap_total = 0;
  int64_t swap_free = 0;
  double used = 0;                 // 0 to 1, of total
  std::optional<double> pressure;  // likewise, in which a task waited for memory
  double limit = 0;                // of `used`
  double pressure_limit = 0;
  int64_t missed = 0;
};
XBUS_STRUCT(MemoryEvent, host, time, level, total, available, swap_total, swap_free, used, pressure, limit,
            pressure_limit, missed)

struct DiskEvent {
  std::string host;
  Timestamp time{};
  Level level = Level::normal;
  std::string mount_point;
  std::string device;
  int64_t total = 0;  // bytes, as in Disk
  int64_t available = 0;
  double used = 0;        // 0 to 1, of what those who are not root can have
  double files_used = 0;  // likewise, of the files that it can hold
  double limit = 0;       // of either
  int64_t missed = 0;
};
XBUS_STRUCT(DiskEvent, host, time, level, mount_point, device, total, available, used, files_used, limit, missed)

// One line for people: "web1: /var is 96 % full".
std::string text_of(const LoadEvent& event);
std::string text_of(const MemoryEvent& event);
std::string text_of(const DiskEvent& event);

}  // namespace xbus::agent
