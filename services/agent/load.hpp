// How busy this host's processors are: /proc/loadavg and the number of processors.
#pragma once
#include <cstdint>
#include <string>

#include "rpc/members.hpp"
#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

struct Load {
  double one_minute = 0;  // average number of tasks that run or wait for the disk
  double five_minutes = 0;
  double fifteen_minutes = 0;
  int32_t running = 0;  // tasks that run now
  int32_t tasks = 0;    // threads of all processes
  int32_t processors = 0;
};
XBUS_STRUCT(Load, one_minute, five_minutes, fifteen_minutes, running, tasks, processors)

// `proc` is where procfs is mounted.
Result<Load, KernelError> load(const std::string& proc = "/proc");

}  // namespace xbus::agent
