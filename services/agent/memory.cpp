#include "services/agent/memory.hpp"

#include <algorithm>

namespace xbus::agent {
namespace {

constexpr int64_t kibibyte = 1024;

std::optional<int64_t> bytes(const std::vector<std::string_view>& parts) {
  const auto number = whole_number(parts[1]);
  if (!number || *number < 0 || *number > INT64_MAX / kibibyte) return std::nullopt;
  return *number * kibibyte;
}

}  // namespace

Result<Memory, KernelError> memory(const std::string& proc) {
  const auto file = kernel_file(proc + "/meminfo");
  if (!file) return Err{file.error()};
  Memory found;
  bool total = false, available = false;
  std::string_view text = *file;
  while (const auto line = next_line(&text)) {
    const auto parts = fields(*line);
    if (parts.size() != 3 || parts[2] != "kB") continue;
    int64_t* target = nullptr;
    if (parts[0] == "MemTotal:") target = &found.total, total = true;
    if (parts[0] == "MemAvailable:") target = &found.available, available = true;
    if (parts[0] == "MemFree:") target = &found.free;
    if (parts[0] == "Buffers:") target = &found.buffers;
    if (parts[0] == "Cached:") target = &found.cached;
    if (parts[0] == "SwapTotal:") target = &found.swap_total;
    if (parts[0] == "SwapFree:") target = &found.swap_free;
    if (target == nullptr) continue;
    const auto number = bytes(parts);
    if (!number) return Err{KernelError::malformed};
    *target = *number;
  }
  if (!total) return Err{KernelError::malformed};
  if (!available)
    found.available = std::min(found.total, found.free + found.buffers + found.cached);
  found.used = std::max<int64_t>(0, found.total - found.available);
  return found;
}

}  // namespace xbus::agent
