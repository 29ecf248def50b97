#include "services/agent/processes.hpp"

#include <dirent.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

#include "bus/limits.hpp"
#include "rpc/printable.hpp"

namespace xbus::agent {
namespace {

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::optional<int32_t> number_of(std::string_view name) {
  const auto number = whole_number(name);
  if (!number || *number <= 0 || *number > INT32_MAX) return std::nullopt;
  return static_cast<int32_t>(*number);
}

// /proc/PID/stat: the name stands in parentheses and may itself hold any character, so the fields
// are counted from the last closing one (proc(5): state is field 3).
std::optional<Process> from_stat(std::string_view stat, const ProcessSource& source) {
  const size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return std::nullopt;
  const auto parts = fields(stat.substr(close + 1));
  if (parts.size() < 22) return std::nullopt;
  const auto parent = whole_number(parts[1]), user = whole_number(parts[11]),
             system = whole_number(parts[12]), threads = whole_number(parts[17]),
             pages = whole_number(parts[21]);
  if (!parent || !user || !system || !threads || !pages) return std::nullopt;
  Process found;
  found.name = printable(stat.substr(open + 1, close - open - 1));
  found.state = printable(parts[0]);
  found.parent = static_cast<int32_t>(*parent);
  found.processor_seconds = (static_cast<double>(*user) + static_cast<double>(*system)) /
                            static_cast<double>(source.ticks_per_second);
  found.threads = static_cast<int32_t>(*threads);
  found.resident_bytes = std::max<int64_t>(0, *pages) * source.page_bytes;
  return found;
}

std::optional<uint32_t> owner(const std::string& folder) {
  const auto status = kernel_file(folder + "/status");
  if (!status) return std::nullopt;
  std::string_view text = *status;
  while (const auto line = next_line(&text)) {
    if (!line->starts_with("Uid:")) continue;
    const auto parts = fields(*line);
    const auto uid = parts.size() < 2 ? std::nullopt : whole_number(parts[1]);
    if (uid && *uid >= 0 && *uid <= UINT32_MAX) return static_cast<uint32_t>(*uid);
  }
  return std::nullopt;
}

std::vector<std::string> command_line(const std::string& folder) {
  std::vector<std::string> found;
  const auto file = kernel_file(folder + "/cmdline", limits::agent_arguments_bytes_max);
  if (!file) return found;
  std::string_view text = *file;
  while (!text.empty()) {
    const size_t end = text.find('\0');
    found.push_back(printable(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return found;
}

}  // namespace

std::string login_name(uint32_t uid) {
  std::vector<char> space(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, space.data(), space.size(), &found) == 0 && found != nullptr)
    return printable(found->pw_name);
  return "uid-" + std::to_string(uid);
}

Result<std::vector<Process>, KernelError> processes(int32_t top, Arguments arguments,
                                                    const ProcessSource& asked) {
  ProcessSource source = asked;
  if (source.ticks_per_second <= 0) source.ticks_per_second = ::sysconf(_SC_CLK_TCK);
  if (source.page_bytes <= 0) source.page_bytes = ::sysconf(_SC_PAGESIZE);
  if (!source.user_name) source.user_name = login_name;

  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(source.proc.c_str()));
  if (!directory) return Err{KernelError::unreadable};
  std::vector<Process> found;
  while (const dirent* entry = ::readdir(directory.get())) {
    const auto pid = number_of(entry->d_name);
    if (!pid) continue;
    const auto stat = kernel_file(source.proc + "/" + entry->d_name + "/stat");
    auto process = stat ? from_stat(*stat, source) : std::nullopt;
    if (!process) continue;
    process->pid = *pid;
    found.push_back(std::move(*process));
  }
  std::sort(found.begin(), found.end(), [](const Process& a, const Process& b) {
    if (a.processor_seconds != b.processor_seconds)
      return a.processor_seconds > b.processor_seconds;
    return a.pid < b.pid;
  });
  const auto most = static_cast<size_t>(std::max(0, top));
  found.resize(std::min({found.size(), most, limits::agent_processes_max}));

  // Only for those that are shown: asking is dearer than sorting.
  std::map<uint32_t, std::string> names;
  for (Process& process : found) {
    const std::string folder = source.proc + "/" + std::to_string(process.pid);
    if (const auto uid = owner(folder)) {
      const auto [name, fresh] = names.try_emplace(*uid);
      if (fresh) name->second = source.user_name(*uid);
      process.user = name->second;
    }
    if (arguments == Arguments::shown) process.arguments = command_line(folder);
  }
  return found;
}

}  // namespace xbus::agent
