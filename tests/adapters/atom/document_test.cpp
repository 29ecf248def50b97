#include "adapters/atom/document.hpp"

#include <gtest/gtest.h>

#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

using Kind = DocumentTrouble::Kind;

std::string text_of(const std::string& bytes, const std::string& charset = {}) {
  const auto root = read_document(bytes, charset);
  return root ? root->text() : "refused";
}

void expect_refused(const std::string& bytes, Kind kind) {
  const auto root = read_document(bytes);
  ASSERT_FALSE(root) << bytes.substr(0, 200);
  EXPECT_EQ(root.error().kind, kind) << bytes.substr(0, 200);
}

std::string repeated(const std::string& piece, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += piece;
  return out;
}

TEST(FeedDocument, what_streams_may_not_have_is_understood) {
  const auto root = read_document(
      "\xEF\xBB\xBF<?xml version='1.0'?><!DOCTYPE a><?pi x?><!-- c --><a x='1'>t<![CDATA[<b>&amp;]]><?pi?><!-- c -->u"
      "<p:b xmlns:p='urn:p' p:y='2'/></a><!-- end -->");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->text(), "t<b>&amp;u");
  ASSERT_NE(root->first("b", "urn:p"), nullptr);
  EXPECT_EQ(*root->first("b", "urn:p")->attr("y", "urn:p"), "2");
}

TEST(FeedDocument, encodings) {
  EXPECT_EQ(text_of("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xFC</a>"), "\u00FC");
  EXPECT_EQ(text_of("<?xml version='1.0' encoding='Windows-1252'?><a>\x80\x93</a>"), "\u20AC\u201C");
  EXPECT_EQ(text_of(std::string("\xFE\xFF\0<\0a\0>\0x\0<\0/\0a\0>", 18)), "x");
  EXPECT_EQ(text_of("<?xml version='1.0' encoding='us-ascii'?><a>\xC3\xBC</a>", "utf-8"), "\u00FC");
  EXPECT_EQ(text_of("<?xml version='1.0' encoding='EBCDIC-1'?><a/>"), "refused");
  EXPECT_EQ(text_of("<a>\xFC</a>"), "refused");
}

TEST(FeedDocument, no_definition_is_taken_and_nothing_is_fetched) {
  expect_refused("<!DOCTYPE a [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;'>]><a>&m;</a>", Kind::definitions);
  expect_refused("<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><a>&f;</a>", Kind::definitions);
  expect_refused("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><a/>", Kind::definitions);
  expect_refused("<!DOCTYPE a [<!ATTLIST a b CDATA 'x'>]><a/>", Kind::definitions);
  expect_refused("<a>&nbsp;</a>", Kind::not_xml);
  // An external document type is not read; names of HTML are known all the same.
  EXPECT_EQ(text_of("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>x&nbsp;y&nothing;</a>"), "x\u00A0y");
}

TEST(FeedDocument, what_is_no_xml) {
  for (const char* bytes : {"", "   ", "text", "<a>", "<a></b>", "<a/><b/>", "<p:a/>", "<a x='1' x='2'/>",
                            "<a>\x01</a>", "<a>&#0;</a>", "<a>&#xFFFF;</a>", "<!DOCTYPE a>"})
    expect_refused(bytes, Kind::not_xml);
  const auto root = read_document("<a>\n\n</b>");
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().line, 3u);
}

TEST(FeedDocument, each_limit_and_one_beyond) {
  const auto nested = [](size_t depth) { return repeated("<a>", depth) + repeated("</a>", depth); };
  EXPECT_TRUE(read_document(nested(limits::feed_depth_max)));
  expect_refused(nested(limits::feed_depth_max + 1), Kind::too_deep);
  EXPECT_TRUE(read_document("<a>" + repeated("<b/>", limits::feed_elements_max - 1) + "</a>"));
  expect_refused("<a>" + repeated("<b/>", limits::feed_elements_max) + "</a>", Kind::too_large);
  const auto attributes = [](size_t count) {
    std::string out = "<a";
    for (size_t i = 0; i < count; ++i) out += " a" + std::to_string(i) + "=''";
    return out + "/>";
  };
  EXPECT_TRUE(read_document(attributes(limits::element_attributes_max)));
  expect_refused(attributes(limits::element_attributes_max + 1), Kind::too_large);
  const size_t full = limits::feed_attributes_max / limits::element_attributes_max;
  expect_refused("<r>" + repeated(attributes(limits::element_attributes_max), full + 1) + "</r>", Kind::too_large);
  const auto named = [](size_t size) { return "<a xmlns='" + std::string(size, 'n') + "'/>"; };
  EXPECT_TRUE(read_document(named(limits::feed_namespace_bytes_max)));
  expect_refused(named(limits::feed_namespace_bytes_max + 1), Kind::too_large);
  const auto sized = [](size_t size) { return "<a>" + std::string(size - 7, 'x') + "</a>"; };
  EXPECT_TRUE(read_document(sized(limits::feed_bytes_max)));
  expect_refused(sized(limits::feed_bytes_max + 1), Kind::too_large);
}

}  // namespace
}  // namespace xbus::atom
