#include "adapters/atom/plain_text.hpp"

#include <gtest/gtest.h>

namespace xbus::atom {
namespace {

TEST(PlainText, markup_goes_and_what_it_says_stays) {
  EXPECT_EQ(plain_text("<p>Salt &amp; <em>wind</em></p>\n<p>2 &lt; 3</p>"), "Salt & wind 2 < 3");
  EXPECT_EQ(plain_text("un<b>bro</b>ken"), "unbroken");
  EXPECT_EQ(plain_text("one<br/>two"), "one two");
  EXPECT_EQ(plain_text("a<!-- not > this -->b"), "a b");
  EXPECT_EQ(plain_text("a<script>if (1 < 2) x('</p>')</script >b<STYLE>p {}</STYLE>c"), "a b c");
  EXPECT_EQ(plain_text("<a title='>' href=\"x>y\">link</a>"), "link");
}

TEST(PlainText, what_is_no_markup_stays) {
  EXPECT_EQ(plain_text("a < b & c; AT&T &unknown; &#xFFFF; &"), "a < b & c; AT&T &unknown; &#xFFFF; &");
  EXPECT_EQ(plain_text("1 <2"), "1 <2");
  EXPECT_EQ(plain_text("left <p open"), "left");
}

TEST(PlainText, references_by_name_and_by_number) {
  EXPECT_EQ(plain_text("&#8217;&#x2019;&rsquo;"), "\u2019\u2019\u2019");
  EXPECT_EQ(plain_text("&#146;"), "\u2019");  // windows-1252, as browsers read it
  EXPECT_EQ(plain_text("&#0;&#27;[2J"), "&#0;&#27;[2J");
  EXPECT_EQ(plain_text("a&nbsp;&nbsp;b"), "a b");
  EXPECT_EQ(html_entity("hellip"), "\u2026");
  EXPECT_EQ(html_entity("nothing"), "");
}

TEST(PlainText, lines_become_one) {
  EXPECT_EQ(one_line("  a \t\r\n b\n"), "a b");
  EXPECT_EQ(one_line(" \n"), "");
}

}  // namespace
}  // namespace xbus::atom
