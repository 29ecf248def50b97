#include "bus/xmpp/precis_class.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp::precis {
namespace {

// RFC 8264 sections 4.2 and 4.3: what each class takes.
TEST(PrecisClass, identifier_and_freeform) {
  struct Case {
    std::u16string text;
    bool identifier, freeform;
  };
  const Case cases[] = {
      {u"a1_-", true, true},          // ASCII7
      {u" ", false, true},            // Spaces
      {u"\u00df\u03c2", true, true},  // Exceptions, valid
      {u"\u0640", false, false},      // Exceptions, disallowed
      {u"\u2665", false, true},       // Symbols
      {u"\u3001", false, true},       // Punctuation
      {u"\u2163", false, true},       // HasCompat
      {u"\u0488", false, true},       // OtherLetterDigits
      {u"\u1100", false, false},      // OldHangulJamo
      {u"\u00ad", false, false},      // PrecisIgnorableProperties
      {u"\u0007", false, false},      // Controls
      {u"\ue000", false, false},      // private use
      {u"\u0378", false, false},      // unassigned
      {u"\ufdd0", false, false},      // noncharacter
      {u"\U0001f600", false, true},
      {u"\U00020000", true, true},
      {u"\xd83d", false, false},  // half a surrogate pair
      {u"", true, true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(in_class(c.text, StringClass::identifier), c.identifier) << to_utf8(c.text);
    EXPECT_EQ(in_class(c.text, StringClass::freeform), c.freeform) << to_utf8(c.text);
  }
}

TEST(PrecisClass, a_long_text_of_contextual_characters_costs_linear_time) {
  std::u16string text;
  for (int i = 0; i < 50'000; ++i) text += u"\u30fb";
  EXPECT_FALSE(in_class(text, StringClass::freeform));
  EXPECT_TRUE(in_class(text + u"\u30a2", StringClass::freeform));
}

TEST(PrecisClass, bidi) {
  EXPECT_TRUE(has_right_to_left(u"a\u05d0"));
  EXPECT_TRUE(has_right_to_left(u"\u0661"));
  EXPECT_FALSE(has_right_to_left(u"a1\u4e00"));
  EXPECT_FALSE(keeps_bidi_rule(u""));
  EXPECT_TRUE(keeps_bidi_rule(u"a1"));
  EXPECT_FALSE(keeps_bidi_rule(u"a-"));
  EXPECT_FALSE(keeps_bidi_rule(u"\u0301a"));
}

TEST(PrecisClass, text_goes_to_utf16_and_back) {
  for (std::string_view text : {"", "a", "\u00e9", "\u4e00", "\U0001f600"}) {
    auto wide = to_utf16(text);
    ASSERT_TRUE(wide);
    EXPECT_EQ(to_utf8(*wide), text);
  }
}

TEST(PrecisClass, width_and_case_are_folded) {
  EXPECT_EQ(fold_width_and_case(u"\uff21B"), u"ab");
  EXPECT_EQ(fold_width_and_case(u"E\u0301"), u"\u00e9");
  EXPECT_EQ(fold_width_and_case(u"\uff76\uff9e"), u"\u30ac");
  EXPECT_EQ(fold_width_and_case(u"\u0130"), u"i\u0307");
}

}  // namespace
}  // namespace xbus::xmpp::precis
