// The real loop: one thread, one io_context, the kernel's readiness events and the wheel of timers.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>

#include "bus/net/loop.hpp"

namespace xbus::net {

// A round is: wait for events, handle all that are ready, timers, posted functions, deferred functions. Descriptors
// of sessions are watched level-triggered in one epoll set that the io_context waits on: a round costs the io_context
// one handler however many sockets are ready.
class IoLoop final : public Loop {
 public:
  // What of a descriptor is wanted or has come. `failed` is always reported (error or hang-up), with `readable`.
  enum Ready : uint32_t { readable = 1, writable = 2, failed = 4 };
  class Watcher {
   public:
    virtual void on_ready(uint32_t ready) = 0;

   protected:
    ~Watcher() = default;
  };

  IoLoop();
  ~IoLoop() override;

  Time now() const override;
  Time clock() const override;
  Timestamp wall() const override;
  void post(Callback fn) override;
  void defer(Callback fn) override;
  TimerWheel& timers() override;

  // Runs until stop(). May be called again after that.
  void run();
  // Any thread.
  void stop();
  // Runs until `done` says so, asked after each round; false when that takes longer than `at_most`.
  bool run_until(const std::function<bool()>& done, Duration at_most);

  // Calls `fn` on this loop for each of these signals from now on (SIGTERM, SIGINT, SIGHUP, ...).
  void on_signal(std::initializer_list<int> signals, std::function<void(int)> fn);

  // Watches a non-blocking descriptor until unwatch(), which must come before it is closed. False when the system
  // refuses (no memory, limit of watches).
  bool watch(int fd, Watcher& watcher, uint32_t wanted);
  void rewatch(int fd, Watcher& watcher, uint32_t wanted);
  void unwatch(int fd, Watcher& watcher);

  // Scratch that all descriptors of the loop read into: valid until the callback returns.
  std::span<char> buffer();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus::net
