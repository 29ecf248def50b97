#include "bus/xml/chars.hpp"

#include <expat.h>
#include <gtest/gtest.h>

#include <string>

namespace xbus::xml::chars {
namespace {

std::string utf8(uint32_t c) {
  const auto byte = [](uint32_t b) { return static_cast<char>(b); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 63))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)),
          byte(0x80 | (c & 63))};
}

bool is_surrogate(uint32_t c) { return c >= 0xD800 && c < 0xE000; }

// XML 1.0 fifth edition, productions 4 and 4a, from U+0080 up.
bool fifth_edition_start(uint32_t c) {
  constexpr uint32_t ranges[][2] = {{0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},
                                    {0x370, 0x37D},   {0x37F, 0x1FFF},  {0x200C, 0x200D},
                                    {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
                                    {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
  for (const auto& r : ranges) {
    if (c >= r[0] && c <= r[1]) return true;
  }
  return false;
}

bool fifth_edition_char(uint32_t c) {
  return fifth_edition_start(c) || c == 0xB7 || (c >= 0x300 && c <= 0x36F) ||
         (c >= 0x203F && c <= 0x2040);
}

// Expat keeps to the fourth edition.
bool expat_takes(const std::string& document) {
  XML_Parser parser = XML_ParserCreate("UTF-8");
  const bool good =
      XML_Parse(parser, document.data(), static_cast<int>(document.size()), 1) == XML_STATUS_OK;
  XML_ParserFree(parser);
  return good;
}

TEST(Chars, CORE_48_every_character_decodes_to_itself_and_no_shorter) {
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    const std::string s = utf8(c);
    const Decoded d = decode(s.data(), s.data() + s.size());
    if (is_surrogate(c)) {
      ASSERT_EQ(d.size, -1) << c;
      continue;
    }
    ASSERT_EQ(d.size, static_cast<int>(s.size())) << c;
    ASSERT_EQ(d.code, c);
    if (s.size() > 1) {
      ASSERT_EQ(decode(s.data(), s.data() + s.size() - 1).size, 0);
    }
  }
}

TEST(Chars, CORE_48_all_sequences_of_two_bytes) {
  for (unsigned a = 0x80; a < 0x100; ++a) {
    for (unsigned b = 0; b < 0x100; ++b) {
      const char bytes[] = {static_cast<char>(a), static_cast<char>(b)};
      const int size = decode(bytes, bytes + 2).size;
      if (a < 0xC2 || a > 0xF4) {
        EXPECT_EQ(size, -1);
      } else if (a < 0xE0) {
        EXPECT_EQ(size, b >= 0x80 && b < 0xC0 ? 2 : -1);
      } else {
        EXPECT_EQ(size, 0);
      }
    }
  }
}

TEST(Chars, CORE_48_production_char) {
  for (uint32_t c = 0; c <= 0x110000; ++c) {
    const bool expected = c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xD7FF) ||
                          (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
    ASSERT_EQ(is_char(c), expected) << c;
  }
}

TEST(Chars, CORE_48_names_are_what_both_editions_allow) {
  for (uint32_t c = 0x80; c <= 0xFFFF; ++c) {
    if (is_surrogate(c)) continue;
    ASSERT_EQ(is_wide_name_start(c), expat_takes("<" + utf8(c) + "/>") && fifth_edition_start(c))
        << c;
    ASSERT_EQ(is_wide_name_char(c), expat_takes("<a" + utf8(c) + "/>") && fifth_edition_char(c))
        << c;
  }
  for (uint32_t c = 0x10000; c <= 0x10FFFF; c += 0xFFF) {
    EXPECT_FALSE(is_wide_name_start(c) || is_wide_name_char(c));
    EXPECT_FALSE(expat_takes("<" + utf8(c) + "/>"));
  }
}

TEST(Chars, CORE_48_ascii_names) {
  for (uint32_t c = 1; c < 0x80; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool inside = letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
    EXPECT_EQ((ascii[c] & name_start) != 0, letter);
    EXPECT_EQ((ascii[c] & name_char) != 0, inside);
    EXPECT_EQ(is_space(static_cast<char>(c)), c == ' ' || c == '\t' || c == '\r' || c == '\n');
  }
}

}  // namespace
}  // namespace xbus::xml::chars
