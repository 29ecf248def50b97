// Work that comes back from other threads, done in its order on one loop: one post for all that has come until it runs.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "bus/net/loop.hpp"

namespace xbus::server {

// Held by who posts and by who reads; what is posted after close() is dropped. The loop outlives it.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(net::Loop& loop) : loop_(loop) {}

  void post(std::function<void()> work);  // any thread; never runs it inside the call
  void close();                           // on the loop

 private:
  void run();

  net::Loop& loop_;
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;
  bool posted_ = false;
  bool closed_ = false;
};

}  // namespace xbus::server
