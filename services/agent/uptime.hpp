// Since when this host runs, and what it is.
#pragma once
#include <string>

#include "bus/clock.hpp"
#include "rpc/members.hpp"
#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

struct Uptime {
  Timestamp boot_time{};
  double seconds = 0;  // since then, time asleep included
  std::string host;    // its own name for itself
  std::string kernel;  // name and release
};
XBUS_STRUCT(Uptime, boot_time, seconds, host, kernel)

// `proc` is where procfs is mounted.
Result<Uptime, KernelError> uptime(const std::string& proc = "/proc");

// The host's name, as the instance id of its agent: printable, never empty.
std::string host_name();

}  // namespace xbus::agent
