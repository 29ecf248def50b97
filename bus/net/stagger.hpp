// When which address is tried (RFC 8305 section 5): one after the other, the next as soon as one has failed or has had
// its time without an answer.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <utility>

#include "bus/net/loop.hpp"
#include "bus/net/socket.hpp"
#include "bus/net/timer.hpp"

namespace xbus::net {

class Stagger {
 public:
  // The wait before the next address is tried beside those under way.
  static constexpr auto delay = std::chrono::milliseconds(250);

  // `begin` tries an address; false: it has failed at once. It may not destroy this object.
  Stagger(Loop& loop, std::function<bool(const SocketAddress&)> begin)
      : timer_(loop), begin_(std::move(begin)) {}

  void set(std::deque<SocketAddress> addresses) { waiting_ = std::move(addresses); }
  // The first, or the next because one under way has failed.
  void next();
  void stop();  // no more is tried

 private:
  Timer timer_;
  std::function<bool(const SocketAddress&)> begin_;
  std::deque<SocketAddress> waiting_;
};

}  // namespace xbus::net
