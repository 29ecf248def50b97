#include "rpc/printable.hpp"

#include <gtest/gtest.h>

#include <random>

namespace xbus {
namespace {

TEST(Printable, text_that_a_person_can_see_stays_as_it_is) {
  for (const char* text : {"", "plain text ~", "naïve café", "日本語", "emoji 🙂", "a\u0301"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, controls_and_escape_sequences_are_written_out) {
  EXPECT_EQ(printable("\x1b[2J\x1b]0;title\a"), "\\u{1b}[2J\\u{1b}]0;title\\u{7}");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\u{0}b");
  EXPECT_EQ(printable("a\r\nb\tc\x7f"), "a\\u{d}\\u{a}b\\u{9}c\\u{7f}");
  EXPECT_EQ(printable("\u009b31m\u0085"), "\\u{9b}31m\\u{85}");  // C1 acts on 8-bit terminals
}

TEST(Printable, a_line_feed_stays_only_where_many_lines_are_asked_for) {
  EXPECT_EQ(printable("a\nb\r", Lines::many), "a\nb\\u{d}");
}

TEST(Printable, bidi_and_invisible_characters_are_written_out) {
  EXPECT_EQ(printable("user\u202etxt.exe"), "user\\u{202e}txt.exe");
  EXPECT_EQ(printable("\u2066\u2069\u200f\u061c"), "\\u{2066}\\u{2069}\\u{200f}\\u{61c}");
  EXPECT_EQ(printable("a\u200bb\ufeff\u2028"), "a\\u{200b}b\\u{feff}\\u{2028}");
  EXPECT_EQ(printable("\U000e0041\U0010ffff\ufffe"), "\\u{e0041}\\u{10ffff}\\u{fffe}");
}

TEST(Printable, bytes_that_are_not_utf8_are_written_out_one_by_one) {
  EXPECT_EQ(printable("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b");           // an overlong escape
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80");           // cut short
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(printable("\xe2\x82"
                      "A"),
            "\\xe2\\x82"
            "A");
}

TEST(Printable, any_bytes_become_text_without_controls_and_stay_so) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (auto left = random() % 12; left > 0; --left) bytes += static_cast<char>(random());
    const std::string shown = printable(bytes);
    for (size_t at = 0; at < shown.size();) {
      const char32_t c = next_character(shown, &at);
      ASSERT_NE(c, not_utf8);
      ASSERT_FALSE(is_hidden(c));
    }
    ASSERT_EQ(printable(shown), shown);
  }
}

TEST(Columns, wide_characters_take_two_and_marks_none) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("日本"), 4u);
  EXPECT_EQ(columns("e\u0301"), 1u);
  EXPECT_EQ(columns("é"), 1u);
}

TEST(Fitted, a_cut_text_ends_in_an_ellipsis_within_the_width) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdef", 5), "abcd…");
  EXPECT_EQ(fitted("日本語", 5), "日本…");
  EXPECT_EQ(fitted("日本語", 4), "日…");
  EXPECT_EQ(fitted("abc", 1), "…");
  EXPECT_EQ(fitted("abc", 0), "");
}

}  // namespace
}  // namespace xbus
