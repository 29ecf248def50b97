#include "bus/router/rate.hpp"

#include <gtest/gtest.h>

namespace xbus::router {
namespace {

using namespace std::chrono_literals;

constexpr Time start{1h};

// One connection alone.
struct Alone {
  Rate rate;
  Rate::Share share;
  Duration spend(size_t stanzas, size_t bytes, Time now, const RateLimit& limit) {
    return rate.spend(share, 1, stanzas, bytes, now, limit);
  }
};

TEST(Rate, rate_burst_time_is_free_and_one_beyond_waits) {
  RateLimit limit(100, 0);
  Alone rate;
  EXPECT_EQ(rate.spend(100, 1'000'000, start, limit), 0s);
  EXPECT_EQ(rate.spend(1, 0, start, limit), 10ms);
  // Paid for as time goes by.
  EXPECT_EQ(rate.spend(0, 0, start + 10ms, limit), 0s);
  EXPECT_EQ(rate.spend(1, 0, start + 10ms, limit), 10ms);
}

TEST(Rate, no_more_than_the_burst_is_saved_up) {
  RateLimit limit(100, 0);
  Alone rate;
  rate.spend(50, 0, start, limit);
  EXPECT_EQ(rate.spend(101, 0, start + 1h, limit), 10ms);
}

TEST(Rate, bytes_and_stanzas_are_bounded_each) {
  RateLimit limit(100, 1000);
  Alone rate, other;
  EXPECT_EQ(rate.spend(1, 2000, start, limit), 1s);  // bytes take longer
  EXPECT_EQ(other.spend(200, 10, start, limit), 1s);
}

TEST(Rate, zero_is_no_bound) {
  Alone rate;
  EXPECT_EQ(rate.spend(1'000'000'000, 1'000'000'000, start, RateLimit()), 0s);
  EXPECT_EQ(rate.spend(1'000'000'000, 1'000'000'000, start, RateLimit(0, 0)), 0s);
}

TEST(Rate, who_keeps_to_an_even_share_never_waits) {
  RateLimit limit(100, 0);
  Rate rate;
  Rate::Share flood, modest;
  EXPECT_GT(rate.spend(flood, 2, 10'000, 0, start, limit), 90s);
  // The account is far over its rate; its other connection has half of it left.
  for (int second = 0; second < 10; ++second)
    EXPECT_EQ(rate.spend(modest, 2, 50, 0, start + std::chrono::seconds(second), limit), 0s);
  EXPECT_GT(rate.spend(modest, 2, 51, 0, start + 9s, limit), 0s);
  // What it has sent is the account's all the same: the flood waits for it too.
  EXPECT_GT(rate.spend(flood, 2, 0, 0, start + 9s, limit), 90s);
}

TEST(Rate, an_account_within_its_rate_may_use_one_connection) {
  RateLimit limit(100, 0);
  Rate rate;
  Rate::Share busy;
  for (int second = 0; second < 100; ++second)
    EXPECT_EQ(rate.spend(busy, 1000, 100, 0, start + std::chrono::seconds(second), limit), 0s);
}

}  // namespace
}  // namespace xbus::router
