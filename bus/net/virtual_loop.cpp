#include "bus/net/virtual_loop.hpp"

#include <algorithm>
#include <utility>

namespace xbus::net {

// The clock starts an hour in, so that code may subtract from it.
VirtualLoop::VirtualLoop(Timestamp wall)
    : start_(Time(std::chrono::hours(1))), now_(start_), wall_(wall), timers_(start_) {}

Timestamp VirtualLoop::wall() const {
  return wall_ + std::chrono::duration_cast<std::chrono::microseconds>(now_ - start_);
}

void VirtualLoop::post(Callback fn) {
  std::lock_guard lock(mutex_);
  posted_.push_back(std::move(fn));
}

void VirtualLoop::defer(Callback fn) { deferred_.push_back(std::move(fn)); }

bool VirtualLoop::run_posted() {
  std::deque<Callback> ready;
  {
    std::lock_guard lock(mutex_);
    ready.swap(posted_);
  }
  for (auto& fn : ready) fn();
  return !ready.empty();
}

void VirtualLoop::run_until_idle() {
  for (;;) {
    if (run_posted()) continue;
    if (deferred_.empty()) return;
    auto round = std::exchange(deferred_, {});
    for (auto& fn : round) fn();
  }
}

void VirtualLoop::advance(Duration by) {
  auto target = now_ + by;
  run_until_idle();
  for (auto next = timers_.next(); next && *next <= target; next = timers_.next()) {
    now_ = std::max(now_, *next);
    timers_.advance(now_);
    run_until_idle();
  }
  now_ = target;
  timers_.advance(now_);
}

bool VirtualLoop::run_until(const std::function<bool()>& done, Duration at_most) {
  auto end = now_ + at_most;
  for (;;) {
    run_until_idle();
    if (done()) return true;
    auto next = timers_.next();
    if (!next || *next > end) {
      now_ = end;
      return false;
    }
    now_ = std::max(now_, *next);
    timers_.advance(now_);
  }
}

}  // namespace xbus::net
