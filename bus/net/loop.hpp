// A loop: the one thread that a set of sessions, clients and timers lives on. Real (io_loop.hpp) or virtual
// (virtual_loop.hpp); code above cannot tell which.
#pragma once
#include <cstdint>
#include <functional>

#include "bus/clock.hpp"

namespace xbus::net {

class TimerWheel;

class Loop {
 public:
  using Callback = std::function<void()>;

  virtual ~Loop() = default;

  // Read once a round of events, so that it is cheap and everything in one round sees the same time.
  virtual Time now() const = 0;
  // Read now, to measure how long something takes; the same clock.
  virtual Time clock() const { return now(); }
  virtual Timestamp wall() const = 0;

  // Runs `fn` on this loop soon. The only function that other threads may call.
  virtual void post(Callback fn) = 0;

  // Runs `fn` once when every event that is ready now has been handled, before the loop waits again: where writes
  // are gathered, so that everything queued for a socket since the last write goes out in one writev.
  virtual void defer(Callback fn) = 0;

  // The coarse timers of this loop (resolution 1 ms); use Timer (timer.hpp).
  virtual TimerWheel& timers() = 0;
};

}  // namespace xbus::net
