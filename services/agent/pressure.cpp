#include "services/agent/pressure.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "services/agent/kernel_file.hpp"

namespace xbus::agent {

std::optional<double> pressure_of(std::string_view text) {
  constexpr std::string_view average = "avg10=";
  while (const auto line = next_line(&text)) {
    const auto parts = fields(*line);
    if (parts.size() < 2 || parts[0] != "some" || !parts[1].starts_with(average)) continue;
    const auto percent = real_number(parts[1].substr(average.size()));
    if (!percent || !(*percent >= 0 && *percent <= 100)) return std::nullopt;
    return *percent / 100;
  }
  return std::nullopt;
}

std::optional<double> pressure(const std::string& proc, const std::string& resource) {
  const auto text = kernel_file(proc + "/pressure/" + resource);
  return text ? pressure_of(*text) : std::nullopt;
}

PressureTrigger::PressureTrigger(const std::string& proc, const std::string& resource, double share) {
  // Two seconds: the least window that the kernel grants to those without privileges.
  constexpr int window_microseconds = 2'000'000;
  const std::string wanted = "some " + std::to_string(static_cast<int>(share * window_microseconds)) + " " +
                             std::to_string(window_microseconds);
  const int fd = ::open((proc + "/pressure/" + resource).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return;
  // With its terminating zero, as the kernel expects it.
  if (::write(fd, wanted.c_str(), wanted.size() + 1) < 0) {
    ::close(fd);
    return;
  }
  fd_ = fd;
}

PressureTrigger::~PressureTrigger() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace xbus::agent
