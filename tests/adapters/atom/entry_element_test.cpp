#include "adapters/atom/entry_element.hpp"

#include <gtest/gtest.h>

#include "adapters/atom/atom_feed.hpp"
#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

const Timestamp now = Timestamp(std::chrono::seconds(1'700'000'000));

Feed feed() {
  Feed out;
  out.id = "urn:feed";
  out.title = "Feed";
  out.link = "https://example.org/";
  return out;
}

Entry entry() {
  Entry out;
  out.id = "urn:x:1";
  out.title = "A <title>";
  out.link = "https://example.org/1?a=b&c=d";
  out.updated = now;
  out.author = "A";
  out.summary = {Text::Type::html, "<p>s</p>"};
  out.content = {Text::Type::text, "c"};
  return out;
}

std::string text_of(const xml::Element& element, std::string_view name) {
  const xml::Element* child = element.first(name, ns_atom);
  return child ? child->text() : "none";
}

// What RFC 4287 section 4.1.2 asks of an entry that stands alone.
void expect_valid(const xml::Element& element) {
  ASSERT_TRUE(element.is("entry", ns_atom));
  for (const char* name : {"id", "title", "updated"}) EXPECT_EQ(element.elements(name, ns_atom).size(), 1u) << name;
  EXPECT_NE(text_of(element, "id"), "");
  ASSERT_NE(element.first("author", ns_atom), nullptr);
  EXPECT_NE(text_of(*element.first("author", ns_atom), "name"), "");
  EXPECT_TRUE(element.first("link", ns_atom) || element.first("content", ns_atom));
  EXPECT_LE(element.elements("content", ns_atom).size(), 1u);
}

TEST(EntryElement, comes_back_as_it_was) {
  const xml::Element element = to_element(entry(), feed(), now);
  expect_valid(element);
  const auto written = xml::parse(xml::write(element));
  ASSERT_TRUE(written);
  EXPECT_EQ(*written, element);
  const auto back = entry_from(*written);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, entry());
}

TEST(EntryElement, what_is_missing_is_made_up_for) {
  Entry bare;
  bare.id = "urn:x:1";
  bare.title = "only a title";
  xml::Element element = to_element(bare, feed(), now);
  expect_valid(element);
  EXPECT_EQ(text_of(element, "updated"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(text_of(*element.first("author", ns_atom), "name"), "Feed");
  EXPECT_EQ(text_of(element, "content"), "only a title");
  element = to_element(bare, Feed{}, now);
  expect_valid(element);
  EXPECT_EQ(text_of(*element.first("author", ns_atom), "name"), "unknown");
  EXPECT_EQ(element.first("source", ns_atom), nullptr);
  bare.published = now - std::chrono::seconds(20);
  EXPECT_EQ(text_of(to_element(bare, feed(), now), "updated"), "2023-11-14T22:13:00Z");
}

TEST(EntryElement, names_its_feed) {
  const xml::Element element = to_element(entry(), feed(), now);
  const xml::Element* source = element.first("source", ns_atom);
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(text_of(*source, "id"), "urn:feed");
  EXPECT_EQ(text_of(*source, "title"), "Feed");
  EXPECT_NE(text_of(*source, "updated"), "none");
}

TEST(EntryElement, what_is_too_long_leaves_its_texts_out) {
  Entry large = entry();
  const size_t most = limits::entry_bytes_max;
  const size_t frame = xml::write(to_element(large, feed(), now)).size() - 1;
  large.content.value = std::string(most - frame, 'c');
  EXPECT_EQ(xml::write(to_element(large, feed(), now)).size(), most);
  EXPECT_EQ(text_of(to_element(large, feed(), now), "content").size(), most - frame);
  large.content.value += 'c';
  EXPECT_EQ(text_of(to_element(large, feed(), now), "content"), "none");
  EXPECT_EQ(text_of(to_element(large, feed(), now), "summary"), "<p>s</p>");
  large.summary.value = std::string(most, 's');
  EXPECT_EQ(text_of(to_element(large, feed(), now), "summary"), "none");
  expect_valid(to_element(large, feed(), now));
}

TEST(EntryElement, the_most_that_the_rest_can_hold_fits) {
  Feed hostile;
  hostile.id = hostile.title = hostile.author = hostile.link = std::string(4096, '"');
  Entry worst;
  worst.id = std::string(limits::feed_uri_bytes_max, '&');
  worst.title = worst.author = std::string(4096, '<');
  hostile.entries.push_back(worst);
  complete(hostile);
  hostile.link = std::string(limits::feed_uri_bytes_max, '&');
  EXPECT_LE(xml::write(to_element(hostile.entries.at(0), hostile, now)).size(), limits::entry_bytes_max);
}

TEST(EntryElement, another_element_is_none) {
  EXPECT_FALSE(entry_from(xml::Element("entry", "urn:other")));
  EXPECT_FALSE(entry_from(xml::Element("feed", ns_atom)));
  const auto bare = entry_from(xml::Element("entry", ns_atom));
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->id.empty());
}

}  // namespace
}  // namespace xbus::atom
