#include "services/agent/allowance.hpp"

#include <gtest/gtest.h>

namespace xbus::agent {
namespace {

TEST(Allowance, a_burst_and_then_so_many_a_second) {
  Allowance allowance(2, 3);
  const Time begin{};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.take(begin)) << i;
  EXPECT_FALSE(allowance.take(begin));
  EXPECT_FALSE(allowance.take(begin + std::chrono::milliseconds(499)));
  EXPECT_TRUE(allowance.take(begin + std::chrono::milliseconds(500)));
  EXPECT_EQ(allowance.refused(), 2);
  EXPECT_EQ(allowance.refused(), 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.take(begin + std::chrono::hours(1))) << i;
  EXPECT_FALSE(allowance.take(begin + std::chrono::hours(1)));
}

}  // namespace
}  // namespace xbus::agent
