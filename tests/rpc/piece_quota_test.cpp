// PieceQuota: what is held is charged to an account, and given back.
#include "rpc/piece_quota.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace xbus {
namespace {

const xmpp::Jid alice = *xmpp::Jid::parse("alice@localhost/a"), other = *xmpp::Jid::parse("alice@localhost/b"),
                bob = *xmpp::Jid::parse("bob@localhost/a"), component = *xmpp::Jid::parse("store.localhost");

TEST(PieceQuota, charges_the_account_and_not_the_session) {
  PieceQuota quota;
  auto first = quota.take(alice, limits::pieces_bytes_per_account_max - limits::piece_bytes_max);
  ASSERT_TRUE(first);
  auto last = quota.take(other, limits::piece_bytes_max);
  ASSERT_TRUE(last);
  EXPECT_FALSE(quota.take(alice, 1));
  EXPECT_FALSE(quota.take(other, 1));
  EXPECT_TRUE(quota.take(bob, 1));
  EXPECT_TRUE(quota.take(component, limits::pieces_bytes_per_account_max));
  EXPECT_FALSE(quota.take(component, limits::pieces_bytes_per_account_max + 1));
  last.reset();
  EXPECT_TRUE(quota.take(alice, 1));
  first.reset();
  EXPECT_EQ(quota.bytes(), 0u);
}

TEST(PieceQuota, has_an_end_for_all_together) {
  PieceQuota quota;
  std::vector<PieceQuota::Slot> held;
  const auto jid = [](size_t i) { return *xmpp::Jid::parse("a" + std::to_string(i) + "@localhost/x"); };
  const size_t accounts = limits::pieces_bytes_max / limits::pieces_bytes_per_account_max;
  for (size_t i = 0; i < accounts; ++i) held.push_back(*quota.take(jid(i), limits::pieces_bytes_per_account_max));
  EXPECT_EQ(quota.bytes(), limits::pieces_bytes_max);
  EXPECT_FALSE(quota.take(bob, 1));
  held.pop_back();
  EXPECT_TRUE(quota.take(bob, 1));
}

TEST(PieceQuota, a_slot_that_was_moved_is_given_back_once) {
  PieceQuota quota;
  {
    PieceQuota::Slot first = *quota.take(alice, 1);
    PieceQuota::Slot second = std::move(first);
    EXPECT_EQ(quota.bytes(), limits::piece_bytes_max);
  }
  EXPECT_EQ(quota.bytes(), 0u);
}

}  // namespace
}  // namespace xbus
