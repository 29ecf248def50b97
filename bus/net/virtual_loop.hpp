// A loop whose clock moves only when told: a whole bus runs in one thread, the same each time.
#pragma once
#include <deque>
#include <functional>
#include <mutex>

#include "bus/net/loop.hpp"
#include "bus/net/timer_wheel.hpp"

namespace xbus::net {

// Everything runs in the order it was posted; deferred functions run when nothing else is ready; timers run when the
// clock reaches them. Any thread may post(), all else belongs to the one that runs the loop.
class VirtualLoop final : public Loop {
 public:
  // The calendar starts at `wall`, default 2026-01-01 00:00:00 UTC.
  explicit VirtualLoop(Timestamp wall = Timestamp(std::chrono::sys_days(
                           std::chrono::year(2026) / std::chrono::January / 1)));

  Time now() const override { return now_; }
  Timestamp wall() const override;
  void post(Callback fn) override;
  void defer(Callback fn) override;
  TimerWheel& timers() override { return timers_; }

  // Runs what is ready, and what that makes ready, until nothing is. The clock stands still.
  void run_until_idle();
  // Moves the clock on by `by`, running each timer at its time and after it everything that it made ready.
  void advance(Duration by);
  // Runs and advances until `done` says so. False when that did not come about within `at_most` on the clock.
  bool run_until(const std::function<bool()>& done, Duration at_most);

 private:
  bool run_posted();

  Time start_;
  Time now_;
  Timestamp wall_;
  TimerWheel timers_;
  std::mutex mutex_;  // guards posted_
  std::deque<Callback> posted_;
  std::deque<Callback> deferred_;
};

}  // namespace xbus::net
