#include "bus/router/quota.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace xbus::router {
namespace {

TEST(Quota, a_charge_is_released_by_its_destructor) {
  Quota quota(1000);
  {
    Charge charge(quota, 1000);
    EXPECT_TRUE(charge.add(400));
    EXPECT_EQ(quota.bytes(), 400u);
    EXPECT_EQ(quota.charges(), 1u);
  }
  EXPECT_EQ(quota.bytes(), 0u);
  EXPECT_EQ(quota.charges(), 0u);
}

TEST(Quota, the_edge_is_allowed_and_one_beyond_is_not) {
  Quota quota(1000);
  Charge charge(quota, 300);
  EXPECT_TRUE(charge.add(300));
  EXPECT_FALSE(charge.add(1));
  charge.release(1);
  EXPECT_TRUE(charge.add(1));
}

TEST(Quota, more_than_half_is_shared_evenly) {
  Quota quota(1000);
  Charge greedy(quota, 1000);
  Charge modest(quota, 1000);
  EXPECT_TRUE(greedy.add(500));
  EXPECT_FALSE(greedy.add(1));  // its even share of the second half, 250, is long used
  EXPECT_TRUE(modest.add(250));
  EXPECT_FALSE(modest.add(1));
}

TEST(Quota, one_connection_alone_gets_half_and_its_share_of_the_rest) {
  Quota quota(1000);
  Charge charge(quota, 1000);
  EXPECT_TRUE(charge.add(500));
  EXPECT_FALSE(charge.add(1));
}

TEST(Quota, a_charge_moves_to_another_account) {
  Quota before(1000), after(1000);
  Charge charge(before, 1000);
  ASSERT_TRUE(charge.add(100));
  charge.move_to(after);
  EXPECT_EQ(before.bytes(), 0u);
  EXPECT_EQ(before.charges(), 0u);
  EXPECT_EQ(after.bytes(), 100u);
  charge.release(100);
  EXPECT_EQ(after.bytes(), 0u);
}

TEST(Quota, what_is_let_go_of_is_never_charged_again) {
  auto quota = std::make_unique<Quota>(1000);
  Charge charge(*quota, 1000);
  ASSERT_TRUE(charge.add(100));
  charge.let_go();
  EXPECT_EQ(quota->bytes(), 0u);
  EXPECT_EQ(quota->charges(), 0u);
  quota.reset();
  EXPECT_FALSE(charge.add(1));
  charge.add_anyway(1);
  charge.release(1);
  charge.let_go();
}

TEST(Quota, what_ends_a_stream_is_never_refused) {
  Quota quota(10);
  Charge charge(quota, 10);
  charge.add_anyway(50);
  EXPECT_EQ(quota.bytes(), 50u);
  EXPECT_FALSE(charge.add(1));
}

}  // namespace
}  // namespace xbus::router
