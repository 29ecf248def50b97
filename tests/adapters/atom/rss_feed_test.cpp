#include "adapters/atom/rss_feed.hpp"

#include <gtest/gtest.h>

#include "adapters/atom/document.hpp"
#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

constexpr const char* rss =
    "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' "
    "xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>T</title><link>https://example.org/site/</link>";

Feed feed_of(const std::string& inside, std::string_view base = {}) {
  const auto root = read_document(rss + inside + "</channel></rss>");
  EXPECT_TRUE(root) << inside;
  return root ? rss_feed(*root, base) : Feed{};
}

Entry item(const std::string& inside, std::string_view base = {}) {
  const Feed feed = feed_of("<item>" + inside + "</item>", base);
  return feed.entries.empty() ? Entry{} : feed.entries.front();
}

TEST(RssFeed, a_guid_is_the_id_and_may_be_the_link) {
  EXPECT_EQ(item("<guid>https://example.org/1</guid>").link, "https://example.org/1");
  EXPECT_EQ(item("<guid isPermaLink='false'>https://example.org/1</guid>").link, "");
  EXPECT_EQ(item("<guid>urn:x:1</guid><link>https://example.org/2</link>").id, "urn:x:1");
  EXPECT_EQ(item("<link>https://example.org/2</link>").id, "");
}

TEST(RssFeed, a_guid_that_is_no_iri_holds_inside_its_feed) {
  const std::string id = item("<guid>42</guid>", "https://example.org/a.rss").id;
  EXPECT_TRUE(id.starts_with("ni:///sha-256;")) << id;
  EXPECT_EQ(id, item("<guid>42</guid><title>other</title>", "https://example.org/a.rss").id);
  EXPECT_NE(id, item("<guid>42</guid>", "https://example.org/b.rss").id);
  EXPECT_NE(id, item("<guid>43</guid>", "https://example.org/a.rss").id);
}

TEST(RssFeed, links_are_resolved_by_the_location_and_without_one_by_the_site) {
  EXPECT_EQ(item("<link>/x</link>", "https://feeds.example.net/f").link, "https://feeds.example.net/x");
  EXPECT_EQ(item("<link>x</link>").link, "https://example.org/site/x");
  EXPECT_EQ(item("<link xml:base='https://base.example/'>x</link>").link, "https://base.example/x");
  EXPECT_EQ(item("<atom:link href='y'/>").link, "https://example.org/site/y");
  EXPECT_EQ(item("<link>javascript:alert(1)</link>").link, "");
}

TEST(RssFeed, titles_with_and_without_markup) {
  EXPECT_EQ(item("<title>Fish &amp; chips</title>").title, "Fish & chips");
  EXPECT_EQ(item("<title>Fish &amp;amp; chips</title>").title, "Fish & chips");
  EXPECT_EQ(item("<title><![CDATA[<b>Fish</b>]]></title>").title, "Fish");
  EXPECT_EQ(item("<title>a &lt; b</title>").title, "a < b");
  EXPECT_EQ(item("<description>&lt;p&gt;No title&lt;/p&gt;</description>").title, "No title");
}

TEST(RssFeed, summary_and_content_are_html) {
  const Entry entry =
      item("<description>short</description><content:encoded><![CDATA[<p>long</p>]]></content:encoded>");
  EXPECT_EQ(entry.summary, (Text{Text::Type::html, "short"}));
  EXPECT_EQ(entry.content, (Text{Text::Type::html, "<p>long</p>"}));
  EXPECT_TRUE(item("<title>x</title>").content.empty());
}

TEST(RssFeed, authors) {
  EXPECT_EQ(item("<author>jan@example.org (Jan B.)</author>").author, "Jan B.");
  EXPECT_EQ(item("<author>jan@example.org</author>").author, "jan@example.org");
  EXPECT_EQ(item("<author>jan@example.org ()</author>").author, "jan@example.org ()");
  EXPECT_EQ(item("<author>x@y</author><dc:creator>Jan</dc:creator>").author, "Jan");
}

TEST(RssFeed, beyond_its_limit_items_are_left_out) {
  std::string inside;
  for (size_t i = 0; i <= limits::feed_entries_max; ++i) inside += "<item/>";
  EXPECT_EQ(feed_of(inside).entries.size(), limits::feed_entries_max);
}

TEST(RssFeed, what_is_rss_and_what_is_not) {
  const auto is = [](const char* text) {
    const auto root = read_document(text);
    return root && is_rss(*root);
  };
  EXPECT_TRUE(is("<rss/>"));
  EXPECT_TRUE(is("<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"));
  EXPECT_FALSE(is("<RDF/>"));
  EXPECT_FALSE(is("<html/>"));
}

}  // namespace
}  // namespace xbus::atom
