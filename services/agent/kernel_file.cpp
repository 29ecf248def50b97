#include "services/agent/kernel_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <limits>

namespace xbus::agent {

Result<std::string, KernelError> kernel_file(const std::string& path, size_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return Err{KernelError::unreadable};
  // Files of /proc say that they are empty, so they are read until they end. Some must be read in
  // one piece to be consistent: the buffer is made larger than most are.
  std::string text;
  size_t size = 0;
  bool failed = false;
  while (size < bytes_max) {
    text.resize(std::min(bytes_max, size + 16 * 1024));
    const ssize_t count = ::read(fd, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) failed = true;
    if (count <= 0) break;
    size += static_cast<size_t>(count);
  }
  ::close(fd);
  if (failed) return Err{KernelError::unreadable};
  text.resize(size);
  return text;
}

std::vector<std::string_view> fields(std::string_view line) {
  std::vector<std::string_view> found;
  size_t at = 0;
  while (true) {
    at = line.find_first_not_of(" \t", at);
    if (at == std::string_view::npos) return found;
    const size_t end = std::min(line.find_first_of(" \t", at), line.size());
    found.push_back(line.substr(at, end - at));
    at = end;
  }
}

std::optional<std::string_view> next_line(std::string_view* text) {
  if (text->empty()) return std::nullopt;
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return line;
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || text.empty()) return std::nullopt;
  if (error == std::errc{}) return number;
  uint64_t large = 0;
  if (std::from_chars(text.data(), end, large).ec == std::errc{})
    return std::numeric_limits<int64_t>::max();
  return std::nullopt;
}

std::optional<double> real_number(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (stop != end || error != std::errc{} || text.empty()) return std::nullopt;
  return number;
}

}  // namespace xbus::agent
