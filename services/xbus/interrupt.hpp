// A person who has seen enough: SIGINT or SIGTERM, for verbs that go on and on.
#pragma once
#include <functional>

#include "bus/clock.hpp"
#include "bus/net/loop.hpp"
#include "bus/task.hpp"
#include "rpc/remote.hpp"

namespace xbus::cli {

// Lives on one loop.
class Interrupt {
 public:
  explicit Interrupt(net::Loop& loop) : loop_(loop) {}
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // Ends pauses and calls that have calls() in their options.
  void give();
  bool given() const { return calls_.cancelled(); }

  // Waits so long, or until give(). One at a time.
  Task<void> pause(Duration time);
  const Cancel& calls() const { return calls_; }

 private:
  net::Loop& loop_;
  Cancel calls_;
  std::function<void()> wake_;
};

}  // namespace xbus::cli
