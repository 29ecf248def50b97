// The filesystems of this host that hold data: what is mounted from a disk, its size and what is
// left.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "rpc/members.hpp"
#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

struct Disk {
  std::string mount_point;
  std::string device;
  std::string type;   // ext4, xfs, ...
  int64_t total = 0;  // bytes
  int64_t used = 0;
  int64_t available = 0;  // to those who are not root
  int64_t files_total = 0;
  int64_t files_free = 0;
  bool read_only = false;
};
XBUS_STRUCT(Disk, mount_point, device, type, total, used, available, files_total, files_free,
            read_only)

// A line of mountinfo (proc(5)) that speaks of a disk.
struct Mount {
  std::string number;  // "major:minor", one a filesystem
  std::string mount_point;
  std::string device;
  std::string type;
  bool read_only = false;
};

// The mounts of real filesystems in the text of a mountinfo file, each filesystem once, at its
// shortest path. Network filesystems are left out: asking a server that is away hangs. An overlay
// counts where it is the root.
std::vector<Mount> real_mounts(std::string_view mountinfo);

// `proc` is where procfs is mounted. A filesystem that cannot be asked is left out. May wait for a
// disk.
Result<std::vector<Disk>, KernelError> disks(const std::string& proc = "/proc");

}  // namespace xbus::agent
