// This host's memory, from /proc/meminfo. All in bytes.
#pragma once
#include <cstdint>
#include <string>

#include "rpc/members.hpp"
#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

struct Memory {
  int64_t total = 0;
  int64_t available = 0;  // what a new program can have without swapping
  int64_t used = 0;       // total - available
  int64_t free = 0;
  int64_t buffers = 0;
  int64_t cached = 0;
  int64_t swap_total = 0;
  int64_t swap_free = 0;
};
XBUS_STRUCT(Memory, total, available, used, free, buffers, cached, swap_total, swap_free)

// `proc` is where procfs is mounted. Kernels that do not state what is available get free + buffers
// + cached.
Result<Memory, KernelError> memory(const std::string& proc = "/proc");

}  // namespace xbus::agent
