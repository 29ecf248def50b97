#include "services/agent/disks.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>

#include "rpc/printable.hpp"

namespace xbus::agent {
namespace {

constexpr std::array<std::string_view, 20> real_types = {
    "bcachefs", "btrfs",   "exfat", "ext2",     "ext3",   "ext4", "f2fs",
    "fuseblk",  "hfsplus", "jfs",   "msdos",    "nilfs2", "ntfs", "ntfs3",
    "reiserfs", "udf",     "vfat",  "virtiofs", "xfs",    "zfs"};

// mountinfo writes space, tab, line feed and backslash as \ and three octal digits.
std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at, char most) { return text[at] >= '0' && text[at] <= most; };
    if (text[i] == '\\' && text.size() - i > 3 && digit(i + 1, '3') && digit(i + 2, '7') &&
        digit(i + 3, '7')) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

int64_t times(uint64_t count, uint64_t unit) {
  unsigned long long product = 0;
  if (__builtin_mul_overflow(count, unit, &product) || product > INT64_MAX) return INT64_MAX;
  return static_cast<int64_t>(product);
}

// The line's fields: id, parent, major:minor, root, mount point, options, any optional fields, "-",
// type, source, options of the superblock.
std::optional<Mount> real_mount(std::string_view line) {
  const auto parts = fields(line);
  const auto dash = std::find(parts.begin(), parts.end(), "-");
  if (dash - parts.begin() < 6 || parts.end() - dash < 4) return std::nullopt;
  const std::string_view type = dash[1];
  const bool real = std::find(real_types.begin(), real_types.end(), type) != real_types.end();
  if (!real && !(type == "overlay" && parts[4] == "/")) return std::nullopt;
  const auto read_only = [](std::string_view options) {
    return options == "ro" || options.starts_with("ro,");
  };
  return Mount{std::string(parts[2]), unescaped(parts[4]), unescaped(dash[2]), std::string(type),
               read_only(parts[5]) || read_only(dash[3])};
}

}  // namespace

std::vector<Mount> real_mounts(std::string_view mountinfo) {
  std::vector<Mount> found;
  while (const auto line = next_line(&mountinfo)) {
    auto mount = real_mount(*line);
    if (!mount) continue;
    const auto same = std::find_if(found.begin(), found.end(), [&](const Mount& other) {
      return other.number == mount->number;
    });
    if (same == found.end()) {
      found.push_back(std::move(*mount));
    } else if (mount->mount_point.size() < same->mount_point.size()) {
      *same = std::move(*mount);
    }
  }
  return found;
}

Result<std::vector<Disk>, KernelError> disks(const std::string& proc) {
  const auto file = kernel_file(proc + "/self/mountinfo");
  if (!file) return Err{file.error()};
  std::vector<Disk> found;
  for (const Mount& mount : real_mounts(*file)) {
    struct statvfs size {};
    if (::statvfs(mount.mount_point.c_str(), &size) != 0) continue;
    Disk disk;
    disk.mount_point = printable(mount.mount_point);
    disk.device = printable(mount.device);
    disk.type = printable(mount.type);
    disk.total = times(size.f_blocks, size.f_frsize);
    disk.used = times(size.f_blocks - std::min(size.f_blocks, size.f_bfree), size.f_frsize);
    disk.available = times(size.f_bavail, size.f_frsize);
    disk.files_total = times(size.f_files, 1);
    disk.files_free = times(size.f_ffree, 1);
    disk.read_only = mount.read_only;
    found.push_back(std::move(disk));
  }
  return found;
}

}  // namespace xbus::agent
