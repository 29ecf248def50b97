#include "services/xbus/latencies.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;

TEST(Latencies, without_any_there_is_nothing) {
  const Latencies none;
  EXPECT_EQ(none.count(), 0u);
  EXPECT_EQ(none.at(0.5), Duration{});
  EXPECT_EQ(none.mean(), Duration{});
  EXPECT_TRUE(none.bars().empty());
}

TEST(Latencies, one_value_is_all_of_them) {
  Latencies one;
  one.add(123us);
  for (const double share : {0.0, 0.5, 0.999, 1.0}) EXPECT_EQ(one.at(share), 123us);
  EXPECT_EQ(one.least(), 123us);
  EXPECT_EQ(one.most(), 123us);
}

TEST(Latencies, shares_are_known_to_one_in_256) {
  Latencies many;
  for (int i = 1; i <= 10'000; ++i) many.add(i * 1us);
  for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = share * 1e7;
    EXPECT_NEAR(static_cast<double>(many.at(share).count()), exact, exact / 256 + 1) << share;
  }
  EXPECT_EQ(many.least(), 1us);
  EXPECT_EQ(many.most(), 10ms);
  EXPECT_EQ(many.mean(), 5'000'500ns);
}

TEST(Latencies, any_time_has_a_bucket) {
  Latencies wide;
  wide.add(-5ns);
  wide.add(0ns);
  wide.add(24h);
  wide.add(Duration::max());
  EXPECT_EQ(wide.count(), 4u);
  EXPECT_EQ(wide.least(), 0ns);
  EXPECT_EQ(wide.most(), Duration::max());
  EXPECT_EQ(wide.at(1), Duration::max());
}

TEST(Latencies, bars_hold_each_value_once) {
  Latencies some;
  uint64_t seed = 1;
  for (int i = 0; i < 5'000; ++i) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    some.add(Duration(static_cast<Duration::rep>(seed >> (20 + seed % 40))));
  }
  uint64_t sum = 0;
  Duration before{};
  for (const auto& bar : some.bars()) {
    EXPECT_GE(bar.from, before);
    EXPECT_GT(bar.to, bar.from);
    before = bar.to;
    sum += bar.count;
  }
  EXPECT_EQ(sum, 5'000u);
  EXPECT_GE(before, some.most());
}

}  // namespace
}  // namespace xbus::cli
