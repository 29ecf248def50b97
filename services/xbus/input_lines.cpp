#include "services/xbus/input_lines.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "bus/limits_events.hpp"

namespace xbus::cli {
using Line = Result<std::optional<std::string>, std::string>;

struct InputLines::Shared {
  net::Loop* loop = nullptr;
  int fd = -1;
  size_t longest = 0;  // bytes of a line
  std::array<int, 2> ends{-1, -1};  // closing the second stops the thread
  std::thread thread;

  std::mutex mutex;
  std::condition_variable room;
  std::deque<Line> ready;
  bool stopped = false;
  std::optional<Completion<bool>> waiting;  // of the loop's thread

  // False: nobody wants more.
  bool put(Line line);
  bool put_lines(std::string& text);
  void read();
};

bool InputLines::Shared::put(Line line) {
  std::unique_lock lock(mutex);
  room.wait(lock, [&] { return stopped || ready.size() < limits::input_lines_ahead_max; });
  if (stopped) return false;
  ready.push_back(std::move(line));
  if (waiting) {
    loop->post([done = *waiting] { done.complete(true); });
    waiting.reset();
  }
  return true;
}

// Gives on what is whole.
bool InputLines::Shared::put_lines(std::string& text) {
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    if (end - begin > longest) break;
    if (!put(std::optional(text.substr(begin, end - begin)))) return false;
    begin = end + 1;
  }
  text.erase(0, begin);
  if (text.size() <= longest) return true;
  put(Err{"a line is longer than " + std::to_string(longest) + " bytes"});
  return false;
}

void InputLines::Shared::read() {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    std::array<pollfd, 2> waits{{{fd, POLLIN, 0}, {ends[0], POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
    if (waits[1].revents != 0) return;
    if (waits[0].revents == 0) continue;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) break;
    if (count == 0) {
      if (!text.empty() && !put(std::optional(text))) return;
      put(std::optional<std::string>());
      return;
    }
    text.append(buffer.data(), static_cast<size_t>(count));
    if (!put_lines(text)) return;
  }
  put(Err{std::string("standard input cannot be read")});
}

InputLines::InputLines(net::Loop& loop, int fd, size_t line_bytes_max) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->fd = fd;
  shared_->longest = line_bytes_max;
  if (::pipe2(shared_->ends.data(), O_CLOEXEC) != 0) {
    shared_->ready.push_back(Err{std::string("no pipe can be made")});
    return;
  }
  shared_->thread = std::thread([shared = shared_.get()] { shared->read(); });
}

InputLines::~InputLines() {
  stop();
  if (shared_->ends[1] >= 0) ::close(shared_->ends[1]);
  if (shared_->thread.joinable()) shared_->thread.join();
  if (shared_->ends[0] >= 0) ::close(shared_->ends[0]);
}

Task<Line> InputLines::next() {
  const auto shared = shared_;
  while (true) {
    const Completion<bool> done;
    {
      const std::lock_guard lock(shared->mutex);
      if (shared->stopped) co_return std::optional<std::string>();
      if (!shared->ready.empty()) {
        Line line = std::move(shared->ready.front());
        shared->ready.pop_front();
        shared->room.notify_one();
        co_return line;
      }
      shared->waiting = done;
    }
    co_await done;
  }
}

void InputLines::stop() {
  std::optional<Completion<bool>> waiting;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopped = true;
    waiting = std::exchange(shared_->waiting, {});
    shared_->room.notify_all();
  }
  if (waiting) waiting->complete(true);
}

}  // namespace xbus::cli
