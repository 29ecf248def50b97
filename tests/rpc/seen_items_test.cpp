#include "rpc/seen_items.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

TEST(SeenItems, each_is_new_once_and_another_content_is_new_again_PS_22) {
  SeenItems seen(10);
  EXPECT_TRUE(seen.add("a", 1));
  EXPECT_FALSE(seen.add("a", 1));
  EXPECT_TRUE(seen.add("a", 2));
  EXPECT_TRUE(seen.add("a", 1));
  EXPECT_FALSE(seen.add("a", std::nullopt));
  EXPECT_TRUE(seen.add("b", std::nullopt));
  EXPECT_TRUE(seen.add("", 1));
  EXPECT_TRUE(seen.add("", 1));
  EXPECT_EQ(seen.content("a"), 1u);
  EXPECT_EQ(seen.size(), 2u);
}

TEST(SeenItems, the_oldest_is_forgotten_first) {
  SeenItems seen(2);
  seen.add("a", 1);
  seen.add("b", 1);
  seen.add("a", 1);
  seen.add("c", 1);
  EXPECT_TRUE(seen.knows("a"));
  EXPECT_FALSE(seen.knows("b"));
  EXPECT_EQ(seen.size(), 2u);
}

}  // namespace
}  // namespace xbus
