// How much an account may send in the long run, in stanzas and in bytes, on all its connections
// together. Reads no clock.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "bus/clock.hpp"
#include "bus/limits.hpp"

namespace xbus::router {

// What each account may send; 0: as much as it likes.
class RateLimit {
 public:
  RateLimit() = default;
  RateLimit(size_t stanzas_per_second, size_t bytes_per_second)
      : stanza_time_(stanzas_per_second == 0 ? 0 : 1e9 / static_cast<double>(stanzas_per_second)),
        byte_time_(bytes_per_second == 0 ? 0 : 1e9 / static_cast<double>(bytes_per_second)) {}

  // How long an account that sends at its limit needs for that much: the slower of the two.
  Duration time_of(size_t stanzas, size_t bytes) const {
    double time = std::max(static_cast<double>(stanzas) * stanza_time_,
                           static_cast<double>(bytes) * byte_time_);
    return Duration(static_cast<int64_t>(time));
  }

 private:
  double stanza_time_ = 0, byte_time_ = 0;  // nanoseconds
};

// One account's bucket, as the time at which all that it has sent is paid for. The router's lock
// guards it.
class Rate {
 public:
  // What one connection has sent of it.
  struct Share {
    Time paid{};  // when that is paid for at an even share of the rate
  };

  // Something was read from one of the account's connections, of which there are `connections`. How
  // long that one is to be left unread: zero while the account is within its rate and the burst it
  // has saved up, and while the connection is within its own even share of both. So one that has much
  // to send slows itself down and not the others.
  Duration spend(Share& share, size_t connections, size_t stanzas, size_t bytes, Time now,
                 const RateLimit& limit) {
    Duration time = limit.time_of(stanzas, bytes);
    Time wait_until = now + Duration(limits::rate_burst_time);
    paid_ = std::max(paid_, now) + time;
    share.paid = std::max(share.paid, now) + time * static_cast<int64_t>(connections);
    return std::max(Duration::zero(), std::min(paid_, share.paid) - wait_until);
  }

 private:
  Time paid_{};
};

// What an account's stanzas have become that go to many: deliveries, which are paid at its rate too. Beyond it none of the
// account's connections is read, since each could begin another round of them.
class FanOut {
 public:
  void add(size_t deliveries, Time now, const RateLimit& limit) {
    paid_ = std::max(paid_, now) + limit.time_of(deliveries, 0);
  }
  // How long the connections are to be left unread: zero within the rate and the burst saved up.
  Duration wait(Time now) const {
    return std::max(Duration::zero(), paid_ - (now + Duration(limits::rate_burst_time)));
  }

 private:
  Time paid_{};
};

}  // namespace xbus::router
