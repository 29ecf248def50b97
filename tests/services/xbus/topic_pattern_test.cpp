#include "services/xbus/topic_pattern.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

TEST(TopicPattern, levels_are_matched_one_by_one) {
  for (const auto* yes : {"agent/link", "agent/a/link", "agent"}) EXPECT_TRUE(matches_topic("agent/#", yes)) << yes;
  for (const auto* no : {"agents/link", "other", ""}) EXPECT_FALSE(matches_topic("agent/#", no)) << no;
  EXPECT_TRUE(matches_topic("#", "a/b"));
  EXPECT_TRUE(matches_topic("+/link", "a/link"));
  EXPECT_FALSE(matches_topic("+/link", "a/b/link"));
  EXPECT_FALSE(matches_topic("+", "a/b"));
  EXPECT_FALSE(matches_topic("a/+", "a"));
  EXPECT_TRUE(matches_topic("a/b", "a/b"));
}

TEST(TopicPattern, only_whole_levels_are_signs) {
  EXPECT_TRUE(is_topic_pattern("a/+/b"));
  EXPECT_TRUE(is_topic_pattern("#"));
  for (const auto* no : {"a", "a+", "a/b#", "#/a", ""}) EXPECT_FALSE(is_topic_pattern(no)) << no;
}

}  // namespace
}  // namespace xbus::cli
