// Timers on a loop: a hashed wheel of 1 ms slots, and the Timer that holds one place in it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "bus/clock.hpp"
#include "bus/net/loop.hpp"

namespace xbus::net {

// One shot; the destructor stops it. Not movable: what it calls usually holds `this`. Starting and stopping allocate
// nothing but the callback's captures.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(Duration after, Loop::Callback fn);  // replaces what was set
  void start_at(Time when, Loop::Callback fn);
  void stop();
  bool running() const { return running_; }

 private:
  friend class TimerWheel;
  Loop& loop_;
  Loop::Callback fn_;
  Time when_{};
  Timer* next_ = nullptr;  // the slot's list
  Timer* prev_ = nullptr;
  uint32_t slot_ = 0;
  bool running_ = false;
};

}  // namespace xbus::net
