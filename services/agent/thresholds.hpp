// Judges what is measured of this host: when load, memory and disks become high and normal again. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/agent/disks.hpp"
#include "services/agent/hysteresis.hpp"
#include "services/agent/load.hpp"
#include "services/agent/memory.hpp"
#include "services/agent/threshold_event.hpp"

namespace xbus::agent {

// From where on things are high; each is normal again at nine tenths of that, pressure at half.
struct Limits {
  double load = 2;                           // tasks that run or wait, for each processor
  double load_pressure = 0.6;                // share of the time in which some task waits for a processor
  double memory = 0.9;                       // share in use
  double memory_pressure = 0.1;              // share of the time in which some task waits for memory
  double disk = 0.9;                         // share in use
  Duration calm = std::chrono::seconds(30);  // how long load and memory must be below before they are normal again
};

struct Moment {
  Time now;        // of the monotonic clock
  Timestamp time;  // of the calendar
};

// Each add() returns an event when the level has changed; what is normal at the start is not told.
class Thresholds {
 public:
  Thresholds(std::string host, const Limits& limits);

  std::optional<LoadEvent> add(const Load& load, std::optional<double> pressure, Moment moment);
  std::optional<MemoryEvent> add(const Memory& memory, std::optional<double> pressure, Moment moment);
  // All of the host's disks; one that is not among them any more is forgotten.
  std::vector<DiskEvent> add(const std::vector<Disk>& disks, Moment moment);

 private:
  struct Pair {  // high when one of them is
    Hysteresis value, pressure;
    bool add(double now, std::optional<double> pressed, Time time);
    Level level() const;
  };
  std::string host_;
  Limits limits_;
  Pair load_, memory_;
  std::map<std::string, Hysteresis> disks_;  // by mount point
};

}  // namespace xbus::agent
