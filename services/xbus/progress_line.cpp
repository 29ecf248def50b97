#include "services/xbus/progress_line.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace xbus::cli {
namespace {

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(2, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<size_t>(count));
  }
}

}  // namespace

void ProgressLine::show(std::string_view text) {
  if (!on_) return;
  shown_ = true;
  write_all("\r" + std::string(text) + "\x1b[K");
}

void ProgressLine::clear() {
  if (shown_) write_all("\r\x1b[K");
  shown_ = false;
}

}  // namespace xbus::cli
