#include "services/agent/uptime.hpp"

#include <sys/utsname.h>

#include "rpc/printable.hpp"

namespace xbus::agent {

std::string host_name() {
  utsname names{};
  if (::uname(&names) != 0 || names.nodename[0] == '\0') return "localhost";
  return printable(names.nodename);
}

Result<Uptime, KernelError> uptime(const std::string& proc) {
  const auto file = kernel_file(proc + "/uptime");
  const auto stat = kernel_file(proc + "/stat");
  if (!file || !stat) return Err{KernelError::unreadable};
  std::string_view text = *file;
  const auto parts = fields(next_line(&text).value_or(""));
  const auto seconds = parts.empty() ? std::nullopt : real_number(parts[0]);
  if (!seconds) return Err{KernelError::malformed};

  std::optional<int64_t> boot;
  text = *stat;
  while (const auto line = next_line(&text))
    if (line->starts_with("btime ")) boot = whole_number(line->substr(6));
  // The calendar's last second that a Timestamp can hold lies far beyond this one, the year 9999.
  if (!boot || *boot < 0 || *boot > 253'402'300'799) return Err{KernelError::malformed};

  utsname names{};
  ::uname(&names);
  return Uptime{Timestamp(std::chrono::seconds(*boot)), *seconds, host_name(),
                printable(std::string(names.sysname) + " " + names.release)};
}

}  // namespace xbus::agent
