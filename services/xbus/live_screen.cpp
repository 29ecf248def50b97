#include "services/xbus/live_screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace xbus::cli {
namespace {

// The other page, no cursor, what is too long for a line is cut; and back.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H", clear_line = "\x1b[K", clear_below = "\x1b[J";

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(1, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<size_t>(count));
  }
}

size_t rows() {
  winsize size{};
  return ::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

}  // namespace

class LiveScreen::Keys final : public net::IoLoop::Watcher {
 public:
  explicit Keys(std::function<void(char)> on_key) : on_key_(std::move(on_key)) {}
  void on_ready(uint32_t) override {
    std::array<char, 64> buffer;
    // Without canonical mode a read gives what is there, and there is something.
    const ssize_t count = ::read(0, buffer.data(), buffer.size());
    for (ssize_t i = 0; i < count; ++i) on_key_(buffer[static_cast<size_t>(i)]);
    if (count == 0) on_key_('q');  // the terminal has gone
  }

 private:
  std::function<void(char)> on_key_;
};

LiveScreen::LiveScreen() = default;
LiveScreen::~LiveScreen() { restore(); }

void LiveScreen::begin(net::IoLoop& loop, std::function<void(char)> on_key) {
  if (begun_) return;
  begun_ = true;
  if (::tcgetattr(0, &before_) == 0) {
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    // A stopped program would leave the other page on the terminal.
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    quiet_ = ::tcsetattr(0, TCSAFLUSH, &quiet) == 0;
    keys_ = std::make_unique<Keys>(std::move(on_key));
    if (loop.watch(0, *keys_, net::IoLoop::readable)) loop_ = &loop;
  }
  write_all(enter);
}

void LiveScreen::end() {
  if (loop_ != nullptr) loop_->unwatch(0, *keys_);
  loop_ = nullptr;
  keys_.reset();
  restore();
}

void LiveScreen::restore() {
  if (!begun_) return;
  begun_ = false;
  if (quiet_) ::tcsetattr(0, TCSAFLUSH, &before_);
  quiet_ = false;
  write_all(leave);
}

void LiveScreen::show(std::string_view text) {
  std::string out(home);
  const size_t most = rows() - 1;
  for (size_t row = 0; row < most && !text.empty(); ++row) {
    const size_t end = std::min(text.find('\n'), text.size());
    out += text.substr(0, end);
    out += clear_line;
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += clear_below;
  write_all(out);
}

}  // namespace xbus::cli
