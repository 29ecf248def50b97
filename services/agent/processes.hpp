// The processes of this host that used most processor time.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rpc/members.hpp"
#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

struct Process {
  int32_t pid = 0;
  int32_t parent = 0;
  std::string user;
  std::string name;              // the kernel's name of the command, 15 bytes
  std::string state;             // one letter, as ps shows it
  double processor_seconds = 0;  // used since its start, user and system
  int64_t resident_bytes = 0;
  int32_t threads = 0;
  std::optional<std::vector<std::string>>
      arguments;  // of its command line; only for those who may see them
};
XBUS_STRUCT(Process, pid, parent, user, name, state, processor_seconds, resident_bytes, threads,
            arguments)

enum class Arguments { hidden, shown };

// What `processes` needs to know of the system it reads.
struct ProcessSource {
  std::string proc = "/proc";
  int64_t ticks_per_second = 0;                    // 0: ask the system
  int64_t page_bytes = 0;                          // 0: ask the system
  std::function<std::string(uint32_t)> user_name;  // of a uid; none: the system's login names
};

// The `top` processes by processor time, most first, at most limits::agent_processes_max. A process
// that ends meanwhile is left out. Arguments are cut to limits::agent_arguments_bytes_max a
// process.
Result<std::vector<Process>, KernelError> processes(int32_t top, Arguments arguments,
                                                    const ProcessSource& source = {});

// The login name of a uid, else "uid-N".
std::string login_name(uint32_t uid);

}  // namespace xbus::agent
