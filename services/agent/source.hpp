// A thread that waits for what the kernel or another program of this host tells.
#pragma once
#include <functional>
#include <thread>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::agent {

// A descriptor that becomes readable when whoever waits shall return.
class Stop {
 public:
  Stop();
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;
  int fd() const { return fd_; }
  void say() const;  // any thread

 private:
  int fd_ = -1;
};

enum class Woken { stopped, ready, time };

// Waits until `fd` (none: -1) has one of the events of poll(2), or the time is up (negative: for ever). Stopping comes
// before all else.
Woken wait_for(int fd, short events, const Stop& stop, Duration at_most = Duration(-1));

// The destructor tells all to stop and waits for them: what they call must live until then.
class Sources {
 public:
  Sources() = default;
  ~Sources();
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // Runs `source` on a thread of its own, which is deaf to signals. It must not throw, and returns when told to stop.
  void add(std::function<void(const Stop&)> source);

 private:
  Stop stop_;
  std::vector<std::thread> threads_;
};

}  // namespace xbus::agent
