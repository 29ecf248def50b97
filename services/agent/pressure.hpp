// Pressure stall information: how much of the time tasks wait for a processor or for memory, and the kernel's word when
// it is much (Linux, Documentation/accounting/psi.rst).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"

namespace xbus::agent {

// The share of the last ten seconds, 0 to 1, in which some task waited, from the text of a file of /proc/pressure.
std::optional<double> pressure_of(std::string_view text);

// Where the kernel tells it; `resource` is cpu, memory or io.
std::optional<double> pressure(const std::string& proc, const std::string& resource);

// A descriptor with POLLPRI each time that some task has waited for more than a share of two seconds. There is none
// where the kernel has no such file or does not let this program watch it.
class PressureTrigger {
 public:
  PressureTrigger(const std::string& proc, const std::string& resource, double share);
  ~PressureTrigger();
  PressureTrigger(const PressureTrigger&) = delete;
  PressureTrigger& operator=(const PressureTrigger&) = delete;
  int fd() const { return fd_; }  // -1: none

 private:
  int fd_ = -1;
};

}  // namespace xbus::agent
