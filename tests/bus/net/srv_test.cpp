#include "bus/net/srv.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace xbus::net {
namespace {

using Kind = SrvAnswer::Kind;

TEST(Srv, CORE_01_lower_priorities_first_and_weights_in_proportion) {
  std::vector<SrvTarget> targets = {
      {"c", 1, 20, 0}, {"heavy", 1, 10, 90}, {"light", 1, 10, 10}, {"zero", 1, 10, 0}};
  std::mt19937 random(5);
  auto draw = [&](uint32_t bound) { return std::uniform_int_distribution<uint32_t>(0, bound)(random); };
  std::map<std::string, int> first;
  for (int i = 0; i < 10'000; ++i) {
    auto order = ordered(targets, draw);
    ASSERT_EQ(order.size(), 4u);
    EXPECT_EQ(order.back().host, "c");
    ++first[order.front().host];
  }
  EXPECT_NEAR(first["heavy"], 8900, 400);
  EXPECT_NEAR(first["light"], 1000, 200);
  EXPECT_GT(first["zero"], 20);
  EXPECT_LT(first["zero"], 300);
}

TEST(Srv, CORE_01_both_lookups_are_merged) {
  SrvTarget a{"a", 1, 1, 1, false}, b{"b", 1, 1, 1, true};
  EXPECT_EQ(merged({Kind::found, {a}}, {Kind::found, {b}}).targets.size(), 2u);
  EXPECT_EQ(merged({Kind::refused, {}}, {Kind::found, {b}}).kind, Kind::found);
  EXPECT_EQ(merged({Kind::found, {a}}, {Kind::failed, {}}).kind, Kind::found);
  EXPECT_EQ(merged({Kind::refused, {}}, {Kind::none, {}}).kind, Kind::refused);
  EXPECT_EQ(merged({Kind::none, {}}, {Kind::none, {}}).kind, Kind::none);
  EXPECT_EQ(merged({Kind::failed, {}}, {Kind::none, {}}).kind, Kind::none);
  EXPECT_EQ(merged({Kind::failed, {}}, {Kind::failed, {}}).kind, Kind::failed);
}

}  // namespace
}  // namespace xbus::net
