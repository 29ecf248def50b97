// Balance: the less busy of two, by weight; states, ids and methods.
#include "rpc/balance.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace xbus {
namespace {

using registry::InstanceInfo;
using registry::InstanceState;

InstanceInfo instance(const std::string& id, uint32_t weight = 1, InstanceState state = InstanceState::available) {
  InstanceInfo info;
  info.jid = *xmpp::Jid::parse("s@localhost/" + id);
  info.id = id;
  info.weight = weight;
  info.state = state;
  return info;
}

TEST(Balance, shares_calls_by_weight) {
  Balance balance(1);
  const std::vector<InstanceInfo> instances = {instance("a", 1), instance("b", 3)};
  std::map<std::string, int> calls;
  std::deque<Balance::Slot> under_way;
  for (int i = 0; i < 4000; ++i) {
    const auto* picked = *balance.pick(instances, "m", "");
    ++calls[picked->id];
    under_way.emplace_back(balance, picked->jid);
    if (under_way.size() > 40) under_way.pop_front();
  }
  EXPECT_NEAR(calls["b"] / 4000.0, 0.75, 0.05);
}

TEST(Balance, goes_round_the_one_that_is_slow) {
  Balance balance(1);
  const std::vector<InstanceInfo> instances = {instance("slow"), instance("fast")};
  std::deque<Balance::Slot> stuck;
  int slow = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto* picked = *balance.pick(instances, "m", "");
    if (picked->id != "slow") continue;
    ++slow;
    stuck.emplace_back(balance, picked->jid);
  }
  // Drawn twice it is called all the same: that is one call in four.
  EXPECT_LT(slow, 320);
  EXPECT_EQ(balance.outstanding(instances[0].jid), stuck.size());
  stuck.clear();
  EXPECT_EQ(balance.outstanding(instances[0].jid), 0u);
}

TEST(Balance, states_say_who_takes_calls) {
  Balance balance(1);
  const auto kind = [&](std::vector<InstanceInfo> instances, std::string_view wanted = {}) {
    const auto picked = balance.pick(instances, "m", wanted);
    return picked ? Fault::Kind::ok : picked.error().kind();
  };
  EXPECT_EQ(kind({}), Fault::Kind::unavailable);
  EXPECT_EQ(kind({instance("a", 1, InstanceState::away)}), Fault::Kind::unavailable);
  EXPECT_EQ(kind({instance("a", 1, InstanceState::dnd)}), Fault::Kind::ok);
  EXPECT_EQ(kind({instance("a", 1, InstanceState::dnd), instance("b", 1, InstanceState::away)}), Fault::Kind::ok);
  EXPECT_EQ(kind({instance("a", 1, InstanceState::dnd), instance("b")}), Fault::Kind::ok);
  EXPECT_EQ(kind({instance("a", 1, InstanceState::away)}, "a"), Fault::Kind::ok);
  EXPECT_EQ(kind({instance("a")}, "b"), Fault::Kind::unavailable);
  EXPECT_EQ(kind({instance("a")}, "s@localhost/a"), Fault::Kind::ok);
  EXPECT_EQ(kind({instance("a", 0)}), Fault::Kind::ok);
}

TEST(Balance, a_full_one_is_left_out_where_another_has_room_and_the_method) {
  Balance balance(1);
  InstanceInfo full = instance("full", 100, InstanceState::dnd), free = instance("free");
  for (int i = 0; i < 50; ++i) EXPECT_EQ((*balance.pick({full, free}, "m", ""))->id, "free");
  full.methods = {"m"};
  free.methods = {"n"};
  for (int i = 0; i < 50; ++i) EXPECT_EQ((*balance.pick({full, free}, "m", ""))->id, "full");
  for (int i = 0; i < 50; ++i) EXPECT_EQ((*balance.pick({full, free}, "system.stats", ""))->id, "free");
  full.methods = free.methods = {"m"};
  free.state = InstanceState::away;
  EXPECT_EQ((*balance.pick({full, free}, "m", ""))->id, "full");
}

TEST(Balance, calls_go_to_those_that_have_the_method) {
  Balance balance(1);
  InstanceInfo old = instance("old"), fresh = instance("fresh");
  old.methods = {"m"};
  fresh.methods = {"m", "n"};
  const std::vector<InstanceInfo> both = {old, fresh};
  for (int i = 0; i < 20; ++i) EXPECT_EQ((*balance.pick(both, "n", ""))->id, "fresh");
  // Nobody is known to have it: one of them says so.
  EXPECT_TRUE(balance.pick({old, fresh}, "x", ""));
}

}  // namespace
}  // namespace xbus
