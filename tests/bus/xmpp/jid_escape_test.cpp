#include "bus/xmpp/jid_escape.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {
namespace {

// XEP-0106 sections 4.3 and 5: what is typed and what goes over the wire.
TEST(JidEscape, JID_04_examples_of_xep0106) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"space cadet", "space\\20cadet"},
      {"call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22"},
      {"at&t guy", "at\\26t\\20guy"},
      {"d'artagnan", "d\\27artagnan"},
      {"/.fanboy", "\\2f.fanboy"},
      {"::foo::", "\\3a\\3afoo\\3a\\3a"},
      {"<foo>", "\\3cfoo\\3e"},
      {"user@host", "user\\40host"},
      {"c:\\net", "c\\3a\\net"},
      {"c:\\\\net", "c\\3a\\\\net"},
      {"c:\\cool stuff", "c\\3a\\cool\\20stuff"},
      {"c:\\5commas", "c\\3a\\5c5commas"},
      {"\\3and\\2is\\5cool", "\\5c3and\\2is\\5c5cool"},
      {"here's_a_wild_&_/cr%zy/_address", "here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address"},
      {"here's_a_wild_&_/cr%zy/_address_for:<wv>(\"IMPS\")",
       "here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address_for\\3a\\3cwv\\3e(\\22IMPS\\22)"},
      {"CN=D'Artagnan Saint-Andr\\E9,O=Example & Company, Inc.,DC=example,DC=com",
       "CN=D\\27Artagnan\\20Saint-Andr\\E9,O=Example\\20\\26\\20Company,\\20Inc.,DC=example,DC="
       "com"},
      {"somenick!user\"&'/:<>\\3address", "somenick!user\\22\\26\\27\\2f\\3a\\3c\\3e\\5c3address"},
      {"tr\u00e9ville@musketeers.lit", "tr\u00e9ville\\40musketeers.lit"},
      {"\\2plus\\2is\\4", "\\2plus\\2is\\4"},
      {"foo\\bar", "foo\\bar"},
      {"foob\\41r", "foob\\41r"},
      {"", ""},
      {"\\", "\\"},
      {"\\5", "\\5"},
  };
  for (auto [typed, wire] : cases) {
    EXPECT_EQ(jid_escape(typed), wire);
    EXPECT_EQ(jid_unescape(wire), typed);
  }
}

TEST(JidEscape, JID_04_only_the_ten_lower_case_sequences_are_escapes) {
  EXPECT_EQ(jid_unescape("a\\2Fb"), "a\\2Fb");
  EXPECT_EQ(jid_unescape("a\\21b\\00"), "a\\21b\\00");
  EXPECT_EQ(jid_unescape("\\5c5c"), "\\5c");
  EXPECT_EQ(jid_unescape("\\5c\\5c"), "\\\\");
}

// Preparation lowers the localpart, so a backslash before an upper-case escape is guarded too.
TEST(JidEscape, JID_04_survives_preparation) {
  for (std::string_view name : {"a\\2fb", "a\\2Fb", "x y", "@", "\\5C", "a/b:c"}) {
    auto jid = Jid::make(jid_escape(name), "services.localhost");
    ASSERT_TRUE(jid) << name;
    std::string lowered(name);
    for (char& c : lowered) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(jid_unescape(jid->local()), lowered);
  }
}

}  // namespace
}  // namespace xbus::xmpp
