#include "services/xbus/exec.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "services/xbus/keeper.hpp"

namespace xbus::cli {
namespace {

using Clock = std::chrono::steady_clock;

class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~File() { close(); }
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  File read_end, write_end;
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read_end = File(ends[0]);
    write_end = File(ends[1]);
    return true;
  }
};

void do_not_block(const File& file) { ::fcntl(file.fd(), F_SETFL, O_NONBLOCK); }

// Keeps the last line that is not empty of what passes by.
class LastLine {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      if (c == '\n') {
        finish();
      } else if (current_.size() < limits::exec_error_line_bytes_max) {
        current_ += c;
      }
    }
  }
  std::string take() {
    finish();
    return std::move(last_);
  }

 private:
  void finish() {
    if (!current_.empty() && current_.back() == '\r') current_.pop_back();
    if (!current_.empty()) last_ = std::move(current_);
    current_.clear();
  }
  std::string current_, last_;
};

// The environment of the command, as posix_spawn wants it.
class Environment {
 public:
  explicit Environment(const Command& command) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      const std::string_view name = text.substr(0, text.find('='));
      const bool replaced = std::any_of(command.environment.begin(), command.environment.end(),
                                        [&](const auto& other) { return other.first == name; });
      if (!replaced) entries_.emplace_back(text);
    }
    for (const auto& [name, value] : command.environment)
      if (!value.empty()) entries_.push_back(name + "=" + value);
    for (std::string& entry : entries_) pointers_.push_back(entry.data());
    pointers_.push_back(nullptr);
  }
  char** data() { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

class Run {
 public:
  explicit Run(const Command& command)
      : command_(command), deadline_(Clock::now() + command.time_max) {}

  Ending run(int stop) {
    if (const int error = start(); error != 0) return {Ending::Kind::not_started, error, {}, {}};
    exchange(stop);
    return finish();
  }

 private:
  int start() {
    Pipe in, out, err;
    if (!in.open() || !out.open() || !err.open()) return errno;
    // Descriptors 0 to 2 of this program may be closed, and then a pipe may have one of their
    // numbers: dup2 of a descriptor to itself would leave it closed on exec. So the ends are moved
    // above them.
    const auto raised = [](const File& file) {
      return File(::fcntl(file.fd(), F_DUPFD_CLOEXEC, 3));
    };
    const File child_in = raised(in.read_end), child_out = raised(out.write_end),
               child_err = raised(err.write_end);
    if (!child_in.is_open() || !child_out.is_open() || !child_err.is_open()) return errno;

    std::vector<char*> words;
    for (const std::string& word : command_.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    if (words.front() == nullptr) return ENOENT;
    Environment environment(command_);
    const auto keeper = start_kept(
        {words.data(), environment.data(), child_in.fd(), child_out.fd(), child_err.fd()});
    if (!keeper) return errno;
    pid_ = keeper->pid;
    report_ = File(keeper->report);
    keeper_ = File(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    in_ = std::move(in.write_end);
    out_ = std::move(out.read_end);
    err_ = std::move(err.read_end);
    do_not_block(in_);
    do_not_block(out_);
    do_not_block(err_);
    if (command_.input.empty()) in_.close();
    return 0;
  }

  // Moves bytes until the command has ended or must be killed.
  void exchange(int stop) {
    while (!keeper_gone_ && !verdict_) {
      std::array<pollfd, 5> events = {{{in_.fd(), POLLOUT, 0},
                                       {out_.fd(), POLLIN, 0},
                                       {err_.fd(), POLLIN, 0},
                                       {keeper_.fd(), POLLIN, 0},
                                       {stop, POLLIN, 0}}};
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      // Without a descriptor for the process its end is asked for now and then.
      const int64_t patience = keeper_.is_open() ? int64_t{3'600'000} : int64_t{20};
      const int wait = static_cast<int>(std::clamp<int64_t>(left, 0, patience));
      const int ready = ::poll(events.data(), events.size(), wait);
      if (ready < 0 && errno != EINTR) verdict_ = Ending::Kind::timed_out;
      if (ready > 0) {
        if (events[0].revents != 0) write_input();
        if (events[1].revents != 0) read_output();
        if (events[2].revents != 0) read_errors();
        if (events[4].revents != 0) verdict_ = Ending::Kind::stopped;
      }
      if (events[3].revents != 0 || !keeper_.is_open()) keeper_gone_ = has_ended();
      if (!keeper_gone_ && !verdict_ && Clock::now() >= deadline_)
        verdict_ = Ending::Kind::timed_out;
    }
  }

  // Whether the keeper is dead, and with it the command and all that it started; it is left to be
  // waited for.
  bool has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  Ending finish() {
    if (!keeper_gone_) ::kill(pid_, SIGTERM);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    const auto kept = kept_ending(report_.fd());
    if (kept && kept->kind == KeptEnding::Kind::not_started)
      return {Ending::Kind::not_started, kept->value, {}, {}};
    // A keeper that could not report has been killed itself.
    const int status = kept ? kept->value : SIGKILL;
    // What it had written before its end is in the pipes still.
    if (keeper_gone_ && !verdict_) read_output();
    read_errors();
    Ending ending;
    ending.error_line = errors_.take();
    if (verdict_) {
      ending.kind = *verdict_;
    } else if (WIFSIGNALED(status)) {
      ending.kind = Ending::Kind::signalled;
      ending.status = WTERMSIG(status);
    } else {
      ending.kind = Ending::Kind::exited;
      ending.status = WEXITSTATUS(status);
      ending.output = std::move(output_);
    }
    return ending;
  }

  void write_input() {
    const std::string_view rest = std::string_view(command_.input).substr(written_);
    const ssize_t count = ::write(in_.fd(), rest.data(), rest.size());
    if (count > 0) written_ += static_cast<size_t>(count);
    const bool over =
        count < 0 && errno != EAGAIN && errno != EINTR;  // it reads no more, which is its right
    if (over || written_ == command_.input.size()) in_.close();
  }

  void read_output() {
    drain(out_, [&](std::string_view bytes) {
      if (bytes.size() > command_.output_bytes_max - output_.size()) {
        verdict_ = Ending::Kind::oversize;
        return false;
      }
      output_ += bytes;
      return true;
    });
  }

  void read_errors() {
    // Bounded in time, not in bytes: a command that writes errors for ever meets its deadline.
    drain(err_, [&](std::string_view bytes) {
      errors_.add(bytes);
      return true;
    });
  }

  template <class Use>
  void drain(File& file, Use use) {
    std::array<char, 64 * 1024> buffer;
    for (int rounds = 0; file.is_open() && rounds < 32; ++rounds) {
      const ssize_t count = ::read(file.fd(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) {
        file.close();
        return;
      }
      if (!use(std::string_view(buffer.data(), static_cast<size_t>(count)))) return;
    }
  }

  const Command& command_;
  const Clock::time_point deadline_;
  pid_t pid_ = -1;
  File in_, out_, err_, keeper_, report_;
  size_t written_ = 0;
  std::string output_;
  LastLine errors_;
  bool keeper_gone_ = false;
  std::optional<Ending::Kind> verdict_;
};

}  // namespace

Ending run_command(const Command& command, int stop) { return Run(command).run(stop); }

}  // namespace xbus::cli
