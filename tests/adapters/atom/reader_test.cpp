#include "adapters/atom/reader.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "bus/limits_feeds.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::atom {
namespace {

// A feed of tests/data/feeds, each in the manner of a generator.
Feed read(const std::string& name, const std::string& location = {}) {
  std::ifstream file(std::string(XBUS_SOURCE_DIR) + "/tests/data/feeds/" + name, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(bytes.empty()) << name;
  auto feed = read_feed(bytes, {.location = location});
  EXPECT_TRUE(feed) << (feed ? "" : feed.error());
  return feed ? std::move(*feed) : Feed{};
}

std::string date(const std::optional<Timestamp>& time) { return time ? xmpp::format_datetime(*time) : "none"; }

TEST(FeedReader, wordpress) {
  const Feed feed = read("wordpress.rss", "https://harbour.example.org/feed/");
  EXPECT_EQ(feed.title, "Harbour Notes");
  EXPECT_EQ(feed.link, "https://harbour.example.org");
  EXPECT_EQ(feed.id, "https://harbour.example.org/feed/");
  ASSERT_EQ(feed.entries.size(), 2u);
  const Entry& first = feed.entries[0];
  EXPECT_EQ(first.id, "https://harbour.example.org/?p=4711");
  EXPECT_EQ(first.title, "Cranes & tides: what\u2019s new");
  EXPECT_EQ(first.link, "https://harbour.example.org/2026/11/cranes-tides/");
  EXPECT_EQ(first.author, "Marta Lindqvist");
  EXPECT_EQ(date(first.updated), "2026-11-17T08:15:42Z");
  EXPECT_TRUE(first.summary.value.starts_with("The second crane runs again."));
  EXPECT_TRUE(first.content.value.starts_with("<p>The second crane"));
}

TEST(FeedReader, blogger) {
  const Feed feed = read("blogger.atom");
  EXPECT_EQ(feed.id, "tag:blogger.com,1999:blog-1234567890");
  EXPECT_EQ(feed.title, "Rye & Rise");
  ASSERT_EQ(feed.entries.size(), 2u);
  EXPECT_EQ(feed.entries[0].title, "A starter in 5 days <or so>");
  EXPECT_EQ(feed.entries[0].link, "https://rye.example.net/2026/11/starter.html");
  EXPECT_EQ(date(feed.entries[0].updated), "2026-11-21T07:41:07.099Z");
  EXPECT_EQ(feed.entries[0].content.value, "<p>Flour, water &amp; time.<br />That is all.</p>");
  EXPECT_EQ(feed.entries[1].title, "");
  EXPECT_EQ(feed.entries[1].author, "Ida Holm");
}

TEST(FeedReader, github_releases) {
  const Feed feed = read("github_releases.atom");
  EXPECT_EQ(feed.title, "Release notes from tool");
  ASSERT_EQ(feed.entries.size(), 2u);
  EXPECT_EQ(feed.entries[0].id, "tag:github.com,2008:Repository/98765/v2.1.0");
  EXPECT_EQ(feed.entries[0].title, "v2.1.0");
  EXPECT_EQ(feed.entries[0].author, "octo-example");
  EXPECT_EQ(feed.entries[0].content.type, Text::Type::html);
  EXPECT_EQ(feed.entries[1].content, (Text{Text::Type::text, "No content."}));
}

TEST(FeedReader, rdf_with_latin1_and_a_document_type) {
  const Feed feed = read("rdf.rss");
  EXPECT_EQ(feed.title, "The Wire");
  EXPECT_EQ(feed.id, "https://wire.example.com/");
  EXPECT_EQ(date(feed.updated), "2026-11-21T05:30:00Z");
  ASSERT_EQ(feed.entries.size(), 2u);
  EXPECT_EQ(feed.entries[0].id, "https://wire.example.com/s/1");
  EXPECT_EQ(feed.entries[0].title, "Br\u00FCcke \u00FCber den Belt er\u00F6ffnet");
  EXPECT_EQ(feed.entries[0].author, "J\u00FCrgen Pohl");
  EXPECT_EQ(date(feed.entries[1].updated), "2026-11-20T00:00:00Z");
}

TEST(FeedReader, hugo) {
  const Feed feed = read("hugo.rss", "https://slow.example.org/posts/index.xml");
  ASSERT_EQ(feed.entries.size(), 3u);
  EXPECT_EQ(feed.entries[0].link, "https://slow.example.org/posts/one-bus/");
  EXPECT_EQ(feed.entries[0].author, "Ada N.");
  EXPECT_EQ(date(feed.entries[0].updated), "2026-11-07T23:00:00Z");
  EXPECT_TRUE(feed.entries[1].id.starts_with("ni:///sha-256;"));
  EXPECT_EQ(feed.entries[2].id, "https://slow.example.org/posts/no-guid/");
  EXPECT_EQ(date(feed.entries[2].updated), "none");
}

TEST(FeedReader, one_entry_alone_is_a_document_too) {
  const auto feed = read_feed("<entry xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id></entry>");
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->entries.at(0).id, "urn:x");
}

TEST(FeedReader, what_cannot_be_read_is_told_in_a_line) {
  const auto why = [](std::string_view bytes) {
    const auto feed = read_feed(bytes);
    return feed ? "read" : feed.error();
  };
  EXPECT_EQ(why("<rss>\n<channel>"), "line 2: this is no well-formed XML");
  EXPECT_EQ(why("<html/>"), "this is XML, and neither Atom nor RSS");
  EXPECT_EQ(why("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>"),
            "line 1: a document type with definitions of its own is refused");
  EXPECT_EQ(why(std::string(limits::feed_bytes_max + 1, ' ')), "line 1: this is larger than a feed may be");
  std::string deep;
  for (size_t i = 0; i <= limits::feed_depth_max; ++i) deep += "<a>";
  EXPECT_EQ(why(deep), "line 1: elements stand too deep inside each other");
}

}  // namespace
}  // namespace xbus::atom
