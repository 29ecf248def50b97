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

// Items a to j, one a second, of ann and of bob in turn.
Items ten() {
  Items items;
  for (int i = 0; i < 10; ++i) {
    Item one = item(i + 1, std::string(1, char('a' + i)));
    one.published = Timestamp(std::chrono::seconds(i));
    if (i % 2 == 1) one.publisher = "bob@x";
    items.put(one);
  }
  return items;
}

Timestamp second(int of) { return Timestamp(std::chrono::seconds(of)); }

ItemQuery pages(size_t most) { return {.from_start = true, .count_at_most = most, .bytes_at_most = 1000}; }

TEST(Items, PS_21_pages_in_the_order_of_publication) {
  Items items = ten();
  auto first = items.page(pages(3));
  EXPECT_EQ(ids(first), "abc");
  EXPECT_EQ(first->first_index, 0u);
  EXPECT_EQ(first->count, 10u);
  EXPECT_TRUE(first->cut);
  EXPECT_FALSE(first->complete);
  // Walked forwards and backwards, nothing is left out or comes twice (XEP-0059 sections 2.2 and 2.3).
  std::string walked;
  ItemQuery next = pages(3);
  for (auto page = first; !page->items.empty(); page = items.page(next)) {
    EXPECT_EQ(page->first_index, walked.size());
    walked += ids(page);
    next.after = page->items.back().id;
  }
  EXPECT_EQ(walked, "abcdefghij");
  ItemQuery back = pages(4);
  back.before = "";
  walked.clear();
  for (auto page = items.page(back); !page->items.empty(); page = items.page(back)) {
    walked = ids(page) + walked;
    EXPECT_EQ(page->complete, page->items.front().id == "a");
    back.before = page->items.front().id;
  }
  EXPECT_EQ(walked, "abcdefghij");
}

TEST(Items, PS_21_pages_by_index_and_the_count_alone) {
  Items items = ten();
  ItemQuery query = pages(3);
  query.index = 4;
  auto page = items.page(query);
  EXPECT_EQ(ids(page), "efg");
  EXPECT_EQ(page->first_index, 4u);
  query.index = 8;
  EXPECT_EQ(ids(items.page(query)), "ij");
  EXPECT_TRUE(items.page(query)->complete);
  query.index = 10;  // section 2.6: an empty page
  page = items.page(query);
  EXPECT_EQ(ids(page), "");
  EXPECT_FALSE(page->first_index);
  EXPECT_EQ(page->count, 10u);
  page = items.page(pages(0));
  EXPECT_EQ(ids(page), "");
  EXPECT_EQ(page->count, 10u);
  EXPECT_FALSE(page->complete);
  // An item that came again is at the end, and everything counts anew.
  Item again = item(11, "c");
  items.put(again);
  query.index = 2;
  EXPECT_EQ(ids(items.page(query)), "def");
  query.index = 9;
  EXPECT_EQ(ids(items.page(query)), "c");
}

TEST(Items, PS_21_pages_of_the_newest) {
  Items items = ten();
  ItemQuery query = pages(2);
  query.newest = 3;
  auto page = items.page(query);
  EXPECT_EQ(ids(page), "hi");
  EXPECT_EQ(page->count, 3u);
  EXPECT_EQ(page->first_index, 0u);
  query.after = "i";
  EXPECT_EQ(ids(items.page(query)), "j");
  query.after = "b";  // before all of them
  EXPECT_EQ(ids(items.page(query)), "hi");
}

TEST(Items, what_an_item_weighs_besides) {
  Items items = ten();
  ItemQuery query = pages(10);
  query.bytes_at_most = 100;
  query.names_times = 2;
  query.bytes_beside = 7;  // 1 + 2 * (1 + 5) + 7 = 20 each
  EXPECT_EQ(ids(items.page(query)), "abcde");
}

TEST(Items, a_catch_up_by_id_and_by_time) {
  Items items = ten();
  auto with = [&](auto change) {
    ItemQuery query = pages(10);
    change(query);
    auto page = items.page(query);
    return ids(page) + (page && page->complete ? "." : "");
  };
  EXPECT_EQ(with([](ItemQuery& q) { q.after_id = "c"; }), "defghij.");
  EXPECT_EQ(with([](ItemQuery& q) { q.before_id = "c"; }), "ab.");
  EXPECT_EQ(with([](ItemQuery& q) { q.after_id = "c"; q.before_id = "f"; }), "de.");
  EXPECT_EQ(with([](ItemQuery& q) { q.after_id = "f"; q.before_id = "c"; }), ".");
  EXPECT_EQ(with([](ItemQuery& q) { q.after_id = "j"; }), ".");
  EXPECT_EQ(with([](ItemQuery& q) { q.start = second(7); }), "hij.");  // both ends belong to it
  EXPECT_EQ(with([](ItemQuery& q) { q.end = second(1); }), "ab.");
  EXPECT_EQ(with([](ItemQuery& q) { q.start = second(2); q.end = second(4); }), "cde.");
  EXPECT_EQ(with([](ItemQuery& q) { q.start = second(20); }), ".");
  EXPECT_EQ(with([](ItemQuery& q) { q.publisher = "bob@x"; }), "bdfhj.");
  EXPECT_EQ(with([](ItemQuery& q) { q.publisher = "carl@x"; }), ".");
  EXPECT_EQ(with([](ItemQuery& q) { q.among = {"h", "b", "e"}; }), "beh.");
  EXPECT_EQ(with([](ItemQuery& q) { q.among.emplace(); }), ".");
  EXPECT_EQ(with([](ItemQuery& q) { q.publisher = "bob@x"; q.after_id = "c"; q.count_at_most = 2; }), "df");
  EXPECT_EQ(with([](ItemQuery& q) { q.publisher = "bob@x"; q.after = "e"; q.count_at_most = 2; }), "fh");
  EXPECT_EQ(with([](ItemQuery& q) { q.publisher = "bob@x"; q.before = "h"; q.count_at_most = 2; }), "df");
  EXPECT_EQ(with([](ItemQuery& q) { q.start = second(3); q.index = 5; }), "ij.");
  EXPECT_EQ(with([](ItemQuery& q) { q.after_id = "x"; }), "none");
  EXPECT_EQ(with([](ItemQuery& q) { q.before_id = "x"; }), "none");
  EXPECT_EQ(with([](ItemQuery& q) { q.among = {"a", "x"}; }), "none");
  EXPECT_EQ(with([](ItemQuery& q) { q.after = "x"; }), "none");
  EXPECT_EQ(with([](ItemQuery& q) { q.before = "x"; }), "none");
}

// Who asks by time misses nothing that was published then, though what came before it says it came later.
TEST(Items, a_clock_that_was_set_back) {
  Items items;
  int64_t seq = 0;
  for (int time : {5, 6, 2, 3, 7}) {
    Item one = item(++seq, std::to_string(time));
    one.published = second(time);
    items.put(one);
  }
  ItemQuery query = pages(10);
  query.start = second(3);
  query.end = second(6);
  EXPECT_EQ(ids(items.page(query)), "563");
}

TEST(Items, PS_47_each_publication_has_a_value_of_its_own) {
  Item one = item(7, "a"), later = item(8, "a"), other = item(7, "a");
  other.published = second(1);
  EXPECT_NE(compared_value(one), compared_value(later));
  EXPECT_NE(compared_value(one), compared_value(other));
  EXPECT_EQ(compared_value(one), compared_value(item(7, "a")));
}

}  // namespace
}  // namespace xbus::router::pubsub
