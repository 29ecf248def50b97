#include "services/common/password.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "bus/limits.hpp"
#include "rpc/printable.hpp"

namespace xbus::common {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// The signals that end a program, kept until the end of the scope: then each does what it does.
class Patience {
 public:
  Patience() {
    ::sigemptyset(&ends_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::sigaddset(&ends_, number);
    ::pthread_sigmask(SIG_BLOCK, &ends_, &before_);
    fd_ = ::signalfd(-1, &ends_, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  ~Patience() {
    if (fd_ >= 0) ::close(fd_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  // Waits for input; false when a signal came first. It stays to be delivered.
  bool until_readable(int fd) const {
    std::array<pollfd, 2> watched{{{fd, POLLIN, 0}, {fd_, POLLIN, 0}}};
    while (::poll(watched.data(), watched.size(), -1) < 0)
      if (errno != EINTR) return true;  // read() tells what is wrong
    return (watched[1].revents & POLLIN) == 0;
  }

 private:
  int fd_ = -1;
  sigset_t ends_{}, before_{};
};

// Reads a line byte by byte, so that nothing behind it is taken; nothing when the input ends before
// any byte, or where a signal ends the waiting.
std::optional<std::string> line_from(int fd, const Patience* patience = nullptr) {
  std::string line;
  bool any = false;
  while (line.size() <= limits::password_bytes_max) {
    char c = 0;
    if (patience != nullptr && !patience->until_readable(fd)) return std::nullopt;
    const ssize_t count = ::read(fd, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || c == '\n') return any || count > 0 ? std::optional(line) : std::nullopt;
    any = true;
    line += c;
  }
  return line;
}

// The terminal without echo, until the end of the scope.
class Silence {
 public:
  explicit Silence(int fd) : fd_(fd) {
    active_ = ::tcgetattr(fd, &before_) == 0;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    if (active_) ::tcsetattr(fd, TCSAFLUSH, &quiet);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (active_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }

 private:
  int fd_;
  bool active_ = false;
  termios before_{};
};

}  // namespace

Result<std::string, std::string> password_from_file(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return Err{"password file " + printable(path) + ": " + why};
  };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return refuse(std::strerror(errno));
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refuse("others may read it; chmod 600 it");
  auto line = line_from(file.get());
  if (!line || line->empty()) return refuse("it is empty");
  if (line->size() > limits::password_bytes_max) return refuse("its first line is too long");
  if (line->back() == '\r') line->pop_back();
  return std::move(*line);
}

std::optional<std::string> password_from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  std::string password(value);
  ::unsetenv(name);
  return password;
}

std::optional<std::string> password_from_person(const std::string& prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.get() < 0) return std::nullopt;
  const std::string text = printable(prompt) + ": ";
  if (::write(terminal.get(), text.data(), text.size()) < 0) return std::nullopt;
  const Patience patience;  // outlives the silence: a signal finds the terminal as it was
  const Silence silence(terminal.get());
  auto line = line_from(terminal.get(), &patience);
  if (!line || line->empty() || line->size() > limits::password_bytes_max) return std::nullopt;
  return line;
}

}  // namespace xbus::common
