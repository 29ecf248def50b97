#include "services/agent/load.hpp"

#include <cctype>

namespace xbus::agent {
namespace {

std::optional<int32_t> small_number(std::string_view text) {
  const auto number = whole_number(text);
  if (!number || *number < 0 || *number > INT32_MAX) return std::nullopt;
  return static_cast<int32_t>(*number);
}

}  // namespace

Result<Load, KernelError> load(const std::string& proc) {
  const auto averages = kernel_file(proc + "/loadavg");
  const auto stat = kernel_file(proc + "/stat");
  if (!averages || !stat) return Err{KernelError::unreadable};
  std::string_view text = *averages;
  const auto line = next_line(&text);
  const auto parts = fields(line.value_or(""));
  if (parts.size() < 4) return Err{KernelError::malformed};
  const size_t slash = parts[3].find('/');
  if (slash == std::string_view::npos) return Err{KernelError::malformed};
  const auto one = real_number(parts[0]), five = real_number(parts[1]),
             fifteen = real_number(parts[2]);
  const auto running = small_number(parts[3].substr(0, slash));
  const auto tasks = small_number(parts[3].substr(slash + 1));
  if (!one || !five || !fifteen || !running || !tasks) return Err{KernelError::malformed};

  Load found{*one, *five, *fifteen, *running, *tasks, 0};
  text = *stat;
  while (const auto next = next_line(&text))
    if (next->size() > 3 && next->starts_with("cpu") &&
        std::isdigit(static_cast<unsigned char>((*next)[3])))
      ++found.processors;
  return found;
}

}  // namespace xbus::agent
