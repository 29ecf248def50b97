#include "services/agent/hysteresis.hpp"

#include <gtest/gtest.h>

namespace xbus::agent {
namespace {

using std::chrono::seconds;

TEST(Hysteresis, between_the_two_limits_nothing_changes) {
  Hysteresis level({.high = 0.9, .normal = 0.8});
  const Time now{};
  EXPECT_FALSE(level.add(0.89, now));
  EXPECT_TRUE(level.add(0.9, now));
  EXPECT_EQ(level.level(), Level::high);
  for (const double value : {0.95, 0.85, 0.9, 0.8}) EXPECT_FALSE(level.add(value, now)) << value;
  EXPECT_TRUE(level.add(0.79, now));
  EXPECT_EQ(level.level(), Level::normal);
  EXPECT_FALSE(level.add(0.85, now));
}

TEST(Hysteresis, it_must_be_calm_for_a_while) {
  Hysteresis level({.high = 2, .normal = 1, .calm = seconds(30)});
  const Time begin{};
  EXPECT_TRUE(level.add(5, begin));
  EXPECT_FALSE(level.add(0, begin + seconds(10)));
  EXPECT_FALSE(level.add(0, begin + seconds(39)));
  EXPECT_FALSE(level.add(1, begin + seconds(39)));  // not calm: the time begins anew
  EXPECT_FALSE(level.add(0, begin + seconds(41)));
  EXPECT_FALSE(level.add(0, begin + seconds(70)));
  EXPECT_TRUE(level.add(0, begin + seconds(71)));
}

TEST(Hysteresis, one_limit_for_both_is_no_hysteresis_but_works) {
  Hysteresis level({.high = 1, .normal = 1});
  EXPECT_TRUE(level.add(1, Time{}));
  EXPECT_TRUE(level.add(0.5, Time{}));
}

}  // namespace
}  // namespace xbus::agent
