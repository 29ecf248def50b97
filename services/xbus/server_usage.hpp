// What processes use, from /proc: CPU time and resident memory.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::cli {

struct Usage {
  Duration cpu{};               // user and system time, in ticks of the kernel (10 ms)
  uint64_t resident_bytes = 0;  // memory in use now
};

// These processes and all below them, as they are now; those that are not there are left out.
std::vector<int> process_tree(const std::vector<int>& pids);

// The sum over these processes; nothing when one of them has gone.
std::optional<Usage> usage_of(const std::vector<int>& pids);

}  // namespace xbus::cli
