#include "bus/router/pubsub/items.hpp"

#include <gtest/gtest.h>

namespace xbus::router::pubsub {
namespace {

Item item(int64_t seq, std::string id, uint32_t bytes = 1) {
  return {seq, std::move(id), "ann@x", Timestamp{}, bytes};
}

std::string ids(const std::optional<ItemPage>& page) {
  if (!page) return "none";
  std::string text;
  for (const Item& one : page->items) text += one.id;
  return text;
}

TEST(Items, an_item_put_again_moves_to_the_end) {
  Items items;
  items.put(item(1, "a", 3));
  items.put(item(2, "b", 4));
  auto before = items.put(item(3, "a", 5));
  ASSERT_TRUE(before);
  EXPECT_EQ(before->seq, 1);
  EXPECT_EQ(items.size(), 2u);
  EXPECT_EQ(items.bytes(), 9u);
  EXPECT_EQ(items.oldest()->id, "b");
  EXPECT_EQ(items.newest()->id, "a");
  EXPECT_EQ(items.find("a")->seq, 3);
}

TEST(Items, what_is_restored_takes_nobodys_place) {
  Items items;
  items.put(item(5, "a"));
  items.restore(item(1, "a"));
  EXPECT_EQ(items.find("a")->seq, 5);
  items.restore(item(2, "b"));
  EXPECT_EQ(items.oldest()->id, "b");
}

TEST(Items, removing_and_clearing) {
  Items items;
  items.put(item(1, "a", 3));
  items.put(item(2, "b", 4));
  EXPECT_FALSE(items.remove("x"));
  EXPECT_EQ(items.remove("a")->seq, 1);
  EXPECT_EQ(items.bytes(), 4u);
  EXPECT_EQ(items.clear(), std::vector<int64_t>{2});
  EXPECT_TRUE(items.empty());
  EXPECT_EQ(items.bytes(), 0u);
  EXPECT_EQ(items.find("b"), nullptr);
}

TEST(Items, PS_21_pages_are_cut_by_number_and_by_bytes) {
  Items items;
  for (int64_t seq = 1; seq <= 5; ++seq) items.put(item(seq, std::string(1, char('a' + seq - 1)), 10));
  ItemQuery query{.count_at_most = 10, .bytes_at_most = 100};
  auto all = items.page(query);
  EXPECT_EQ(ids(all), "abcde");
  EXPECT_FALSE(all->cut);
  EXPECT_EQ(all->first_index, 0u);
  query.bytes_at_most = 25;
  auto newest = items.page(query);
  EXPECT_EQ(ids(newest), "de");
  EXPECT_TRUE(newest->cut);
  EXPECT_EQ(newest->first_index, 3u);
  EXPECT_EQ(newest->count, 5u);
  query.after = "a";
  EXPECT_EQ(ids(items.page(query)), "bc");
  query.bytes_at_most = 1;  // one always fits
  EXPECT_EQ(ids(items.page(query)), "b");
  query = {.ids = {"e", "a"}, .count_at_most = 1, .bytes_at_most = 100};
  auto some = items.page(query);
  EXPECT_EQ(ids(some), "e");
  EXPECT_TRUE(some->cut);
}

}  // namespace
}  // namespace xbus::router::pubsub
