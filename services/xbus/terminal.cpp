#include "services/xbus/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace xbus::cli {
namespace {

std::string within(bool colour, const char* code, std::string_view text) {
  if (!colour) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

Terminal Terminal::of(int fd) {
  Terminal found;
  found.person = ::isatty(fd) == 1;
  const char* type = std::getenv("TERM");
  const bool dumb = type == nullptr || *type == '\0' || std::strcmp(type, "dumb") == 0;
  found.colour = found.person && !dumb && !is_set("NO_COLOR");
  winsize size{};
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr && std::atoi(columns) > 0) {
    found.width = static_cast<size_t>(std::atoi(columns));
  } else if (found.person && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    found.width = size.ws_col;
  }
  return found;
}

std::string Terminal::bold(std::string_view text) const { return within(colour, "1", text); }
std::string Terminal::red(std::string_view text) const { return within(colour, "31", text); }
std::string Terminal::dim(std::string_view text) const { return within(colour, "2", text); }

}  // namespace xbus::cli
