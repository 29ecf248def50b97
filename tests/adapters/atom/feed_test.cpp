#include "adapters/atom/feed.hpp"

#include <gtest/gtest.h>

#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

Timestamp at(int seconds) { return Timestamp(std::chrono::seconds(seconds)); }

Entry entry(std::string id, std::string title) {
  Entry out;
  out.id = std::move(id);
  out.title = std::move(title);
  return out;
}

std::string id_of(Entry one) {
  Feed feed;
  feed.entries.push_back(std::move(one));
  complete(feed);
  return feed.entries.front().id;
}

TEST(Feed, an_entry_without_an_id_has_that_of_its_link_or_of_what_it_says) {
  Entry linked = entry("", "title");
  linked.link = "https://example.org/1";
  EXPECT_EQ(id_of(linked), "https://example.org/1");
  EXPECT_EQ(id_of(entry("", "title")), id_of(entry("", "title")));
  EXPECT_NE(id_of(entry("", "title")), id_of(entry("", "other")));
  EXPECT_TRUE(id_of(entry("", "title")).starts_with("ni:///sha-256;"));
}

TEST(Feed, too_long_an_id_is_replaced_and_still_its_own) {
  const std::string longest(limits::feed_uri_bytes_max, 'a');
  EXPECT_EQ(id_of(entry(longest, "")), longest);
  EXPECT_TRUE(id_of(entry(longest + "a", "")).starts_with("ni:///sha-256;"));
  EXPECT_NE(id_of(entry(longest + "a", "")), id_of(entry(longest + "b", "")));
  EXPECT_EQ(id_of(entry(longest + "a", "now")), id_of(entry(longest + "a", "then")));
}

TEST(Feed, of_two_with_one_id_the_later_stays) {
  Feed feed;
  feed.entries = {entry("a", "old"), entry("b", "b"), entry("a", "new"), entry("b", "no date")};
  feed.entries[0].updated = at(1);
  feed.entries[2].updated = at(2);
  complete(feed);
  ASSERT_EQ(feed.entries.size(), 2u);
  EXPECT_EQ(feed.entries[0].title, "new");
  EXPECT_EQ(feed.entries[1].title, "b");
}

TEST(Feed, long_texts_are_cut_between_characters) {
  Feed feed;
  feed.title = std::string(limits::feed_text_bytes_max - 1, 'x') + "\u00FC";
  feed.entries = {entry("a", std::string(limits::feed_text_bytes_max, 'x'))};
  feed.entries[0].link = "https://example.org/" + std::string(limits::feed_uri_bytes_max, 'x');
  complete(feed);
  EXPECT_EQ(feed.title, std::string(limits::feed_text_bytes_max - 1, 'x'));
  EXPECT_EQ(feed.entries[0].title.size(), limits::feed_text_bytes_max);
  EXPECT_EQ(feed.entries[0].link, "");
}

TEST(Feed, every_part_counts_for_the_fingerprint) {
  Entry base = entry("id", "title");
  std::vector<Entry> others(9, base);
  others[0].id = "i";
  others[1].title = "t";
  others[2].link = "https://example.org/";
  others[3].author = "a";
  others[4].updated = at(0);
  others[5].published = at(0);
  others[6].summary.value = "s";
  others[7].content.value = "s";
  others[8].content.type = Text::Type::html;
  others.push_back(base);
  others.back().id = "idt";
  others.back().title = "itle";
  for (size_t i = 0; i < others.size(); ++i) {
    EXPECT_NE(fingerprint(others[i]), fingerprint(base)) << i;
    for (size_t j = 0; j < i; ++j) EXPECT_NE(fingerprint(others[i]), fingerprint(others[j])) << i << " " << j;
  }
  EXPECT_EQ(fingerprint(base), fingerprint(entry("id", "title")));
}

}  // namespace
}  // namespace xbus::atom
