#include "services/agent/source.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <system_error>
#include <utility>

namespace xbus::agent {

Stop::Stop() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Stop::~Stop() { ::close(fd_); }

void Stop::say() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

Woken wait_for(int fd, short events, const Stop& stop, Duration at_most) {
  using std::chrono::milliseconds;
  const auto end = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    int patience = -1;
    if (at_most >= Duration(0)) {
      const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
      patience = static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
    }
    std::array<pollfd, 2> both{pollfd{stop.fd(), POLLIN, 0}, pollfd{fd, events, 0}};
    const int found = ::poll(both.data(), both.size(), patience);
    if (found < 0 && errno == EINTR) continue;
    if (found < 0 || both[0].revents != 0) return Woken::stopped;
    if (both[1].revents != 0) return Woken::ready;
    if (patience >= 0) return Woken::time;
  }
}

Sources::~Sources() {
  stop_.say();
  for (std::thread& thread : threads_) thread.join();
}

void Sources::add(std::function<void(const Stop&)> source) {
  // The program's signals are the loop's: a new thread takes over what its maker blocks.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  threads_.emplace_back([this, run = std::move(source)] { run(stop_); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace xbus::agent
