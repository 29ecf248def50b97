#include "adapters/atom/atom_feed.hpp"

#include <gtest/gtest.h>

#include "adapters/atom/document.hpp"
#include "bus/limits_feeds.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::atom {
namespace {

Feed feed_of(const std::string& inside, std::string_view base = {}) {
  const auto root = read_document("<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://example.org/blog/'>" +
                                  inside + "</feed>");
  EXPECT_TRUE(root) << inside;
  return root ? atom_feed(*root, base) : Feed{};
}

Entry entry_of(const std::string& inside) {
  const Feed feed = feed_of("<entry>" + inside + "</entry>");
  return feed.entries.empty() ? Entry{} : feed.entries.front();
}

TEST(AtomFeed, texts_of_three_types) {
  EXPECT_EQ(entry_of("<title>a &lt; b &amp;amp; c</title>").title, "a < b &amp; c");
  EXPECT_EQ(entry_of("<title type='html'>a &lt;b&gt;b&lt;/b> &amp;amp; c</title>").title, "a b & c");
  EXPECT_EQ(entry_of("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <em>b</em> &amp; c</div></title>")
                .title,
            "a b & c");
  const Entry entry = entry_of(
      "<content type='xhtml'><x:div xmlns:x='http://www.w3.org/1999/xhtml'><x:p class='&quot;'>a<x:br/>1 &lt; "
      "2</x:p></x:div></content>");
  EXPECT_EQ(entry.content.type, Text::Type::html);
  EXPECT_EQ(entry.content.value, "<p class=\"&quot;\">a<br>1 &lt; 2</p>");
}

TEST(AtomFeed, content_that_is_elsewhere_or_no_text_is_left_out) {
  EXPECT_TRUE(entry_of("<content src='https://example.org/video'/>").content.empty());
  EXPECT_TRUE(entry_of("<content type='image/png'>aGVsbG8=</content>").content.empty());
  EXPECT_TRUE(entry_of("<content type='application/xml'><x xmlns='urn:x'>y</x></content>").content.empty());
  EXPECT_EQ(entry_of("<content type='text/plain'>x</content>").content, (Text{Text::Type::text, "x"}));
  EXPECT_EQ(entry_of("<content type='text/html'>x</content>").content, (Text{Text::Type::html, "x"}));
}

TEST(AtomFeed, the_link_is_the_page_and_is_resolved_by_the_nearest_base) {
  EXPECT_EQ(
      entry_of("<link rel='self' href='self'/><link type='application/json' href='1.json'/><link href='1.html'/>").link,
      "https://example.org/blog/1.html");
  EXPECT_EQ(entry_of("<link xml:base='/2/' href='b'/>").link, "https://example.org/2/b");
  EXPECT_EQ(entry_of("<link rel='enclosure' href='x.mp3'/>").link, "");
  EXPECT_EQ(entry_of("<link href='javascript:alert(1)'/>").link, "");
  EXPECT_EQ(feed_of("<entry xml:base='more/'><link href='b'/></entry>").entries.at(0).link,
            "https://example.org/blog/more/b");
  // A base that is too long is none.
  const std::string longer(limits::feed_uri_bytes_max + 1, 'x');
  EXPECT_EQ(entry_of("<link xml:base='" + longer + "/' href='b'/>").link, "https://example.org/blog/b");
}

TEST(AtomFeed, who_wrote_it) {
  EXPECT_EQ(
      entry_of("<author><name> A \n B </name></author><author><name>C</name></author><author><email>x</email></author>")
          .author,
      "A B, C");
  EXPECT_EQ(entry_of("<source><author><name>S</name></author></source>").author, "S");
  EXPECT_EQ(feed_of("<author><name>F</name></author><entry/>").entries.at(0).author, "F");
  EXPECT_EQ(
      feed_of("<author><name>F</name></author><entry><author><name>E</name></author></entry>").entries.at(0).author,
      "E");
}

TEST(AtomFeed, dates_and_ids_are_as_written) {
  const Entry entry =
      entry_of("<id> urn:x:1 </id><updated>2026-01-02T03:04:05+01:00</updated><published>nonsense</published>");
  EXPECT_EQ(entry.id, "urn:x:1");
  ASSERT_TRUE(entry.updated);
  EXPECT_EQ(xmpp::format_datetime(*entry.updated), "2026-01-02T02:04:05Z");
  EXPECT_FALSE(entry.published);
}

TEST(AtomFeed, elements_of_other_namespaces_are_not_its_own) {
  const Entry entry = entry_of("<m:title xmlns:m='urn:m'>media</m:title><title>own</title><id xmlns=''>x</id>");
  EXPECT_EQ(entry.title, "own");
  EXPECT_EQ(entry.id, "");
}

TEST(AtomFeed, beyond_its_limit_entries_are_left_out) {
  std::string inside;
  for (size_t i = 0; i <= limits::feed_entries_max; ++i)
    inside += "<entry><id>urn:" + std::to_string(i) + "</id></entry>";
  const Feed feed = feed_of(inside);
  ASSERT_EQ(feed.entries.size(), limits::feed_entries_max);
  EXPECT_EQ(feed.entries.front().id, "urn:0");
}

}  // namespace
}  // namespace xbus::atom
