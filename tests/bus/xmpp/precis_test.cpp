#include "bus/xmpp/precis.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "bus/crypto/hex.hpp"
#include "bus/xmpp/precis_class.hpp"

namespace xbus::xmpp::precis {
namespace {

// RFC 8265 section 3.5: user parts and strings that are none.
TEST(UsernameCaseMapped, examples_of_rfc8265) {
  const std::pair<std::string_view, std::string_view> good[] = {
      {"juliet@example.com", "juliet@example.com"},
      {"fussball", "fussball"},
      {"fu\u00dfball", "fu\u00dfball"},
      {"\u03c0", "\u03c0"},
      {"\u03a3", "\u03c3"},
      {"\u03c3", "\u03c3"},
      {"\u03c2", "\u03c2"},
  };
  for (auto [text, prepared] : good)
    EXPECT_EQ(username_case_mapped(text).value_or("refused"), prepared);
  EXPECT_EQ(username_case_mapped("foo bar").error(), PrecisError::disallowed);
  EXPECT_EQ(username_case_mapped("").error(), PrecisError::empty);
  EXPECT_EQ(username_case_mapped("henry\u2163").error(), PrecisError::disallowed);
  EXPECT_EQ(username_case_mapped("\u221e").error(), PrecisError::disallowed);
}

// RFC 8265 section 4.3: passwords and strings that are none.
TEST(OpaqueString, examples_of_rfc8265) {
  const std::pair<std::string_view, std::string_view> good[] = {
      {"correct horse battery staple", "correct horse battery staple"},
      {"Correct Horse Battery Staple", "Correct Horse Battery Staple"},
      {"\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"},
      {"Jack of \u2666s", "Jack of \u2666s"},
      {"foo\u1680bar", "foo bar"},
  };
  for (auto [text, prepared] : good) EXPECT_EQ(opaque_string(text).value_or("refused"), prepared);
  EXPECT_EQ(opaque_string("").error(), PrecisError::empty);
  EXPECT_EQ(opaque_string("my cat is a \tby").error(), PrecisError::disallowed);
}

TEST(Precis, malformed_utf8_is_refused) {
  for (std::string_view text :
       {"\xff", "\xc3", "a\xc3(", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(username_case_mapped(text).error(), PrecisError::bad_utf8);
    EXPECT_EQ(opaque_string(text).error(), PrecisError::bad_utf8);
  }
}

// RFC 5892 appendix A: each rule met and broken.
TEST(Precis, contextual_rules) {
  const std::pair<std::string_view, bool> cases[] = {
      {"\u0915\u094d\u200c\u0937", true},  // ZWNJ behind a virama
      {"\u0915\u200c\u0937", false},
      {"\u0628\u200c\u0628", true},  // ZWNJ between letters that join
      {"\u0628\u064b\u200c\u064b\u0628", true},
      {"\u0627\u200c\u0628", false},  // alef joins only to the right
      {"a\u200cb", false},
      {"\u200ca", false},
      {"\u0915\u094d\u200d\u0937", true},  // ZWJ behind a virama
      {"\u0628\u200d\u0628", false},
      {"l\u00b7l", true},
      {"l\u00b7a", false},
      {"\u00b7l", false},
      {"l\u00b7", false},
      {"\u0375\u03b1", true},
      {"\u0375a", false},
      {"\u0375", false},
      {"\u05d0\u05f3", true},
      {"\u05d0\u05f4", true},
      {"\u05f3\u05d0", false},
      {"\u30fb\u30a2", true},
      {"\u30fb\u3042", true},
      {"\u30fb\u4e00", true},
      {"a\u30fbb", false},
  };
  for (auto [text, allowed] : cases) {
    EXPECT_EQ(username_case_mapped(text).ok(), allowed) << text;
    EXPECT_EQ(opaque_string(text).ok(), allowed) << text;
  }
  // The two sets of Arabic digits do not mix.
  EXPECT_TRUE(opaque_string("\u0661\u0662"));
  EXPECT_TRUE(opaque_string("\u06f1\u06f2"));
  EXPECT_FALSE(opaque_string("\u0661\u06f2"));
  EXPECT_FALSE(opaque_string("\u06f2\u0661"));
}

// RFC 5893 section 2: each condition met and broken; it binds user names, not passwords.
TEST(Precis, bidi_rule) {
  const std::pair<std::string_view, bool> cases[] = {
      {"\u05d0\u05d1", true},
      {"\u05d0"
       "1",
       true},
      {"1\u05d0", false},
      {"\u05d0"
       "a",
       false},
      {"a\u05d0", false},
      {"\u05d0"
       "1\u0661",
       false},
      {"\u0627\u0661", true},
      {"\u05d0\u05b4", true},
      {"\u05d0-", false},
      {"\u05d0-\u05d1", true},
  };
  for (auto [text, allowed] : cases) {
    EXPECT_EQ(username_case_mapped(text).ok(), allowed) << text;
    if (!allowed) {
      EXPECT_EQ(username_case_mapped(text).error(), PrecisError::bidi) << text;
    }
    EXPECT_TRUE(opaque_string(text)) << text;
  }
}

TEST(Precis, what_comes_out_goes_in_unchanged) {
  for (std::string_view text : {"\u0130stanbul", "\uff21\uff22", "A\u030a", "\u1fbc", "\u1e9e",
                                "\u212b", "\uff76\uff9e", "A\u03a3", "\u1100\u1161\u11a8"}) {
    auto once = username_case_mapped(text);
    ASSERT_TRUE(once) << text;
    EXPECT_EQ(username_case_mapped(*once).value_or("refused"), *once) << text;
  }
}

// ---- Against an oracle ----

// Debian's python3-precis-i18n, over the Unicode tables of that Python. It writes a text in hex and
// the answers of both profiles: "=" for unchanged, "!" for refused, else the result in hex. The
// texts are every code point that Python knows, alone and between two letters, and random ones of
// two to six code points, most from where the rules are.
constexpr std::string_view oracle_program = R"(
import random, sys, unicodedata
from precis_i18n import get_profile
profiles = [get_profile('UsernameCaseMapped:ToLower'), get_profile('OpaqueString')]
def answer(profile, text):
    try:
        out = profile.enforce(text)
    except UnicodeEncodeError:
        return '!'
    return '=' if out == text else out.encode('utf-8').hex()
points = [chr(c) for c in range(0x110000) if not 0xd800 <= c <= 0xdfff and unicodedata.category(chr(c)) != 'Cn']
ranges = [(0x20, 0x7f), (0xa0, 0x180), (0x300, 0x370), (0x370, 0x400), (0x5b0, 0x700), (0x900, 0x980), (0x1100, 0x1200),
          (0x1f00, 0x2000), (0x2000, 0x2070), (0x3040, 0x3100), (0xac00, 0xac80), (0xff00, 0xfff0)]
near = [c for c in points if any(a <= ord(c) < b for a, b in ranges)]
chance = random.Random(7622)
def texts():
    for c in points:
        yield c
        yield 'a' + c + 'b'
    for _ in range(60000):
        yield ''.join(chance.choice(near if chance.random() < 0.9 else points) for _ in range(chance.randint(2, 6)))
with open(sys.argv[1], 'w') as file:
    for text in texts():
        file.write('%s %s\n' % (text.encode('utf-8').hex(), ' '.join(answer(p, text) for p in profiles)))
)";

std::string ours(const Result<std::string, PrecisError>& result, std::string_view text) {
  if (!result) return "!";
  return *result == text ? "=" : crypto::hex_encode(*result);
}

// U+FFA1 to U+FFDC: the one difference. The width mapping of RFC 8265 section 3.3.1 is the
// decomposition mapping, which makes compatibility letters of them, and those no user name may
// have. The oracle maps them by NFKC, to conjoining letters, which compose with each other: so it
// takes some pairs of them as syllables.
bool has_halfwidth_hangul(const std::string& text) {
  auto wide = to_utf16(text);
  return wide && std::any_of(wide->begin(), wide->end(),
                             [](char16_t c) { return c >= 0xffa1 && c <= 0xffdc; });
}

// Python 3.11 knows Unicode 14, ICU 72 knows 15; on what both know there is no other difference.
TEST(Precis, agrees_with_an_oracle_on_every_code_point_both_know) {
  char directory[] = "/tmp/xbus_precis_XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  const std::string program = std::string(directory) + "/oracle.py",
                    answers = std::string(directory) + "/answers";
  std::ofstream(program) << oracle_program;
  EXPECT_EQ(std::system(("/usr/bin/python3 -B " + program + " " + answers).c_str()), 0)
      << "needs Debian's python3-precis-i18n";

  std::ifstream file(answers);
  std::string hex, user, opaque;
  size_t compared = 0, different = 0;
  while (file >> hex >> user >> opaque) {
    const std::string text = crypto::hex_decode(hex).value_or("");
    ++compared;
    if (ours(username_case_mapped(text), text) == user && ours(opaque_string(text), text) == opaque)
      continue;
    if (has_halfwidth_hangul(text) && ours(username_case_mapped(text), text) == "!" &&
        ours(opaque_string(text), text) == opaque) {
      continue;
    }
    if (++different <= 20) {
      ADD_FAILURE() << hex << " is to the oracle " << user << " " << opaque << ", to us "
                    << ours(username_case_mapped(text), text) << " "
                    << ours(opaque_string(text), text);
    }
  }
  file.close();
  unlink(program.c_str());
  unlink(answers.c_str());
  rmdir(directory);
  EXPECT_GT(compared, 600'000u);
  EXPECT_EQ(different, 0u) << "of " << compared;
}

}  // namespace
}  // namespace xbus::xmpp::precis
