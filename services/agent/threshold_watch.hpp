// Measures load, memory and disks: when the kernel says that tasks wait, and by a timer beside it.
#pragma once
#include <functional>
#include <string>

#include "services/agent/source.hpp"
#include "services/agent/thresholds.hpp"

namespace xbus::agent {

struct ThresholdWatch {
  std::string host;
  std::string proc = "/proc";
  Limits limits;
  Duration every = std::chrono::seconds(5);  // what the kernel does not tell is measured so often, disks at twice that
  std::function<void(LoadEvent)> load;       // by the thread that runs it; empty: not watched
  std::function<void(MemoryEvent)> memory;
  std::function<void(DiskEvent)> disk;
};

// Each runs until told to stop, on a thread of its own: a disk that hangs keeps nothing else waiting.
void watch_load(const ThresholdWatch& watch, const Stop& stop);
void watch_memory(const ThresholdWatch& watch, const Stop& stop);
void watch_disks(const ThresholdWatch& watch, const Stop& stop);

}  // namespace xbus::agent
