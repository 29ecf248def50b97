#include "services/xbus/program_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace xbus::cli {
namespace {

std::optional<std::string> why_not_this(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::strerror(errno);
  if (S_ISDIR(info.st_mode)) return "a folder";
  if (!S_ISREG(info.st_mode)) return "no file";
  if (::access(path.c_str(), X_OK) != 0) return "not executable: chmod +x makes it so";
  return {};
}

std::optional<std::string> why_not_in_path(const std::string& program) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : "/bin:/usr/bin";
  std::string why = "no such command";
  while (true) {
    const size_t colon = folders.find(':');
    const std::string folder(folders.substr(0, colon));
    const auto here = why_not_this((folder.empty() ? "." : folder) + "/" + program);
    if (!here) return {};
    if (colon == std::string_view::npos) return why;
    folders.remove_prefix(colon + 1);
  }
}

std::optional<std::string> why_not(const std::string& program) {
  return program.find('/') != std::string::npos ? why_not_this(program) : why_not_in_path(program);
}

}  // namespace

std::optional<std::string> why_not_runnable(const std::string& program) {
  if (program.empty()) return "a command is missing";
  auto why = why_not(program);
  if (!why) return {};
  const size_t space = program.find(' ');
  const bool with_arguments = space != std::string::npos && space != 0 && !why_not(program.substr(0, space));
  return "\"" + program + "\": " + *why +
         (with_arguments ? "; arguments of the command go behind --, it is not read by a shell" : "");
}

}  // namespace xbus::cli
