#include "bus/xmpp/jid.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

#include "bus/limits.hpp"

namespace xbus::xmpp {
namespace {

Jid jid(std::string_view text) {
  auto parsed = Jid::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Jid();
}

// RFC 7622 section 3.5, table 1: the JIDs and their parts.
TEST(Jid, examples_of_rfc7622_that_are_jids) {
  struct Case {
    std::string_view text, local, domain, resource;
  };
  const Case cases[] = {
      {"juliet@example.com", "juliet", "example.com", ""},
      {"juliet@example.com/foo", "juliet", "example.com", "foo"},
      {"juliet@example.com/foo bar", "juliet", "example.com", "foo bar"},
      {"juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"},
      {"foo\\20bar@example.com", "foo\\20bar", "example.com", ""},
      {"fussball@example.com", "fussball", "example.com", ""},
      {"fu\u00dfball@example.com", "fu\u00dfball", "example.com", ""},
      {"\u03c0@example.com", "\u03c0", "example.com", ""},
      {"\u03a3@example.com/foo", "\u03c3", "example.com", "foo"},
      {"\u03c3@example.com/foo", "\u03c3", "example.com", "foo"},
      {"\u03c2@example.com/foo", "\u03c2", "example.com", "foo"},
      {"king@example.com/\u265a", "king", "example.com", "\u265a"},
      {"example.com", "", "example.com", ""},
      {"example.com/foobar", "", "example.com", "foobar"},
      {"a.example.com/b@example.net", "", "a.example.com", "b@example.net"},
      // The table calls a leading space in the resource illegal (example 18), but its section 3.4
      // leaves the resource to OpaqueString, which keeps spaces wherever they stand. The normative
      // text counts.
      {"juliet@example.com/ foo", "juliet", "example.com", " foo"},
  };
  for (const Case& c : cases) {
    Jid parsed = jid(c.text);
    EXPECT_EQ(parsed.local(), c.local) << c.text;
    EXPECT_EQ(parsed.domain(), c.domain) << c.text;
    EXPECT_EQ(parsed.resource(), c.resource) << c.text;
  }
}

// RFC 7622 section 3.5, table 2.
TEST(Jid, examples_of_rfc7622_that_are_not_jids) {
  const std::pair<std::string_view, JidError> cases[] = {
      {"\"juliet\"@example.com", JidError::bad_local},
      {"foo bar@example.com", JidError::bad_local},
      {"@example.com/", JidError::empty_resource},
      {"henry\u2163@example.com", JidError::bad_local},
      {"\u265a@example.com", JidError::bad_local},
      {"juliet@", JidError::empty_domain},
      {"/foobar", JidError::empty_domain},
  };
  for (auto [text, error] : cases) {
    auto parsed = Jid::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), error) << text;
  }
}

TEST(Jid, JID_01_parts_are_at_most_1023_octets) {
  const std::string edge(limits::jid_part_bytes_max, 'a'),
      beyond(limits::jid_part_bytes_max + 1, 'a');
  EXPECT_EQ(jid(edge + "@example.com").local(), edge);
  EXPECT_EQ(jid("example.com/" + edge).resource(), edge);
  EXPECT_EQ(Jid::parse(beyond + "@example.com").error(), JidError::too_long);
  EXPECT_EQ(Jid::parse("example.com/" + beyond).error(), JidError::too_long);
  EXPECT_EQ(Jid::parse(beyond).error(), JidError::too_long);
  EXPECT_EQ(jid(edge + "@example.com/" + edge).str().size(), 2 * 1023 + 2 + 11u);
  EXPECT_EQ(jid(edge + "@example.com/" + edge).domain(), "example.com");
}

TEST(Jid, JID_01_octets_are_counted_after_preparation) {
  // U+FF41 FULLWIDTH LATIN SMALL LETTER A: three octets as typed, one when prepared.
  std::string wide;
  for (size_t i = 0; i < limits::jid_part_bytes_max; ++i) wide += "\uff41";
  EXPECT_EQ(jid(wide + "@example.com").local(), std::string(limits::jid_part_bytes_max, 'a'));
  EXPECT_EQ(Jid::parse(wide + "\uff41@example.com").error(), JidError::too_long);
  // U+023A becomes U+2C65: two octets as typed, three when prepared.
  std::string growing;
  for (size_t i = 0; i < 342; ++i) growing += "\u023a";
  EXPECT_EQ(Jid::parse(growing + "@example.com").error(), JidError::too_long);
  std::string spaces;
  for (size_t i = 0; i < limits::jid_part_bytes_max; ++i) spaces += "\u3000";
  EXPECT_EQ(jid("example.com/" + spaces).resource(), std::string(limits::jid_part_bytes_max, ' '));
  EXPECT_EQ(Jid::parse("example.com/" + std::string(1'000'000, '\xff')).error(),
            JidError::too_long);
}

TEST(Jid, JID_01_a_domain_keeps_the_lengths_of_the_dns) {
  const std::string label63(63, 'a');
  EXPECT_EQ(jid(label63 + ".example").domain(), label63 + ".example");
  EXPECT_EQ(Jid::parse(label63 + "a.example").error(), JidError::bad_domain);
  std::string name253 = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b');
  EXPECT_EQ(jid(name253).domain(), name253);
  EXPECT_FALSE(Jid::parse(name253 + "b"));
}

TEST(Jid, JID_01_empty_parts_with_their_separator_are_errors) {
  EXPECT_EQ(Jid::parse("").error(), JidError::empty_domain);
  EXPECT_EQ(Jid::parse(".").error(), JidError::empty_domain);
  EXPECT_EQ(Jid::parse("@example.com").error(), JidError::empty_local);
  EXPECT_EQ(Jid::parse("juliet@example.com/").error(), JidError::empty_resource);
  EXPECT_EQ(Jid::parse("juliet@/foo").error(), JidError::empty_domain);
  EXPECT_EQ(Jid::parse("juliet@./foo").error(), JidError::empty_domain);
  EXPECT_EQ(Jid::parse("@").error(), JidError::empty_local);
}

TEST(Jid, JID_01_no_excluded_character_in_the_local) {
  for (char c : std::string_view("\"&':<> \t\x7f\x01")) {
    std::string text = std::string("ab") + c + "c@example.com";
    EXPECT_EQ(Jid::parse(text).error(), JidError::bad_local) << text;
    EXPECT_EQ(Jid::parse("\u00e9" + text).error(), JidError::bad_local) << text;
  }
  // Fullwidth spellings become the excluded characters.
  for (std::string_view c :
       {"\uff02", "\uff06", "\uff07", "\uff0f", "\uff1a", "\uff1c", "\uff1e", "\uff20"}) {
    EXPECT_EQ(Jid::parse("ab" + std::string(c) + "@example.com").error(), JidError::bad_local) << c;
  }
  EXPECT_EQ(jid("!#$%()*+,-.;=?[\\]^_`{|}~@example.com").local(), "!#$%()*+,-.;=?[\\]^_`{|}~");
}

TEST(Jid, JID_01_domains) {
  const std::pair<std::string_view, std::string_view> good[] = {
      {"Example.COM", "example.com"},
      {"example.com.", "example.com"},
      {"localhost", "localhost"},
      {"a", "a"},
      {"127.0.0.1", "127.0.0.1"},
      {"[::1]", "[::1]"},
      {"[2001:DB8::1]", "[2001:db8::1]"},
      {"[fe80::1%25eth0]", "[fe80::1%25eth0]"},
      {"[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]"},
      {"b\u00fccher.example", "b\u00fccher.example"},
      {"B\u00dcCHER.example", "b\u00fccher.example"},
      {"bu\u0308cher.example", "b\u00fccher.example"},
      {"xn--bcher-kva.example", "b\u00fccher.example"},
      {"XN--Bcher-KVA.example.", "b\u00fccher.example"},
      {"fa\u00df.example", "fa\u00df.example"},  // IDNA2008 keeps the sharp s
      {"\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com", "example.com"},
      {"\u4f8b\u3048\u3002\u30c6\u30b9\u30c8", "\u4f8b\u3048.\u30c6\u30b9\u30c8"},
      {"\u05d0\u05d1.example", "\u05d0\u05d1.example"},
      {"\u13a9\uab9f.example", "\u13a9\u13cf.example"},  // Cherokee folds to capitals
      {"xn--bceha.example", "\u13ef\u13ef\u13eb.example"},
  };
  for (auto [text, domain] : good) EXPECT_EQ(jid(text).domain(), domain) << text;
  for (std::string_view text : {"a..b",
                                ".a",
                                "a..",
                                "-a.example",
                                "a-.example",
                                "a_b.example",
                                "ab--cd.example",
                                "exa mple.com",
                                "ex!ample",
                                "[::1",
                                "::1",
                                "[::g]",
                                "[]",
                                "[::1%eth0]",
                                "[::1%25]",
                                "[1.2.3.4]",
                                "xn--.example",
                                "xn--a.example",
                                "xn--bcher-kva-.example",

                                "\u265a.example",
                                "\u2163.example",
                                "\ufb01.example",
                                "a\u05d0.example",
                                "\u0300a.example",
                                "a\u200db.example",
                                "caf\xe9.example",
                                "exa\u00admple.com",
                                "ex\x01.com",
                                "a\u2024b"}) {
    EXPECT_EQ(Jid::parse(text).error(), JidError::bad_domain) << text;
  }
}

TEST(Jid, JID_01_resources) {
  EXPECT_EQ(jid("a@b/Foo").resource(), "Foo");  // case stays
  EXPECT_EQ(jid("a@b/a\u00a0b").resource(), "a b");
  EXPECT_EQ(jid("a@b/e\u0301").resource(), "\u00e9");
  EXPECT_EQ(jid("a@b/\uff21").resource(), "\uff21");  // width stays
  for (std::string_view text :
       {"a@b/\t", "a@b/\x7f", "a@b/a\nb", "a@b/\u200b", "a@b/\xff", "a@b/\ue000", "a@b/\u0378"}) {
    EXPECT_EQ(Jid::parse(text).error(), JidError::bad_resource) << text;
  }
}

TEST(Jid, JID_02_splits_at_the_first_slash_then_at_the_first_at_sign_before_it) {
  EXPECT_EQ(jid("a.example.com/b@example.net").local(), "");
  EXPECT_EQ(jid("a@b/c/d@e").resource(), "c/d@e");
  EXPECT_EQ(jid("a@b/c/d@e").domain(), "b");
  EXPECT_EQ(Jid::parse("a@b@c").error(), JidError::bad_domain);
  // U+2100 contains a slash and U+FF20 an at sign only after mapping: they separate nothing.
  EXPECT_EQ(Jid::parse("a\u2100b").error(), JidError::bad_domain);
  EXPECT_EQ(Jid::parse("a\uff20b").error(), JidError::bad_domain);
  EXPECT_EQ(jid("a@b/\u2100").resource(), "\u2100");
}

TEST(Jid, JID_03_compares_what_is_prepared) {
  EXPECT_EQ(jid("Juliet@EXAMPLE.com./Balcony"), jid("juliet@example.com/Balcony"));
  EXPECT_NE(jid("juliet@example.com/Balcony"), jid("juliet@example.com/balcony"));
  EXPECT_NE(jid("fussball@example.com"), jid("fu\u00dfball@example.com"));
  EXPECT_EQ(jid("\u03a3@example.com"), jid("\u03c3@example.com"));
  EXPECT_NE(jid("\u03c2@example.com"), jid("\u03c3@example.com"));
  EXPECT_EQ(jid("BILLING.Invoices@services.localhost").str(),
            "billing.invoices@services.localhost");
  EXPECT_LT(jid("a@b"), jid("b@b"));
  EXPECT_EQ(jid("a@b") <=> jid("A@B"), std::strong_ordering::equal);
  std::unordered_set<Jid> seen{jid("a@b"), jid("A@b"), jid("a@b/c")};
  EXPECT_EQ(seen.size(), 2u);
}

TEST(Jid, JID_03_preparing_twice_changes_nothing) {
  for (std::string_view text :
       {"\u0130@example.com", "\uff21\u0301@b\u00fccher.example/ \u3000", "\u1e9e@a/\u1100\u1161",
        "\u1f88@example.com", "\u212a@example.com", "A\u03a3@example.com"}) {
    Jid once = jid(text);
    Jid twice = jid(once.str());
    EXPECT_EQ(once, twice) << text;
    EXPECT_EQ(once.local(), twice.local());
    EXPECT_EQ(once.domain(), twice.domain());
  }
}

TEST(Jid, make_takes_parts_and_parse_takes_their_text) {
  auto made = Jid::make("Juliet", "example.COM", "balcony/2@x");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->str(), "juliet@example.com/balcony/2@x");
  EXPECT_EQ(*made, jid(made->str()));
  EXPECT_EQ(Jid::make("", "example.com")->str(), "example.com");
  EXPECT_EQ(Jid::make("a/b", "example.com").error(), JidError::bad_local);
  EXPECT_EQ(Jid::make("a@b", "example.com").error(), JidError::bad_local);
  EXPECT_EQ(Jid::make("a", "example.com/b").error(), JidError::bad_domain);
  EXPECT_EQ(Jid::make("a", "b@example.com").error(), JidError::bad_domain);
  EXPECT_EQ(Jid::make("a", "").error(), JidError::empty_domain);
  EXPECT_EQ(Jid::make("a", "\u2100.example").error(), JidError::bad_domain);
}

TEST(Jid, bare_and_with_resource) {
  Jid full = jid("juliet@example.com/balcony");
  EXPECT_EQ(full.bare().str(), "juliet@example.com");
  EXPECT_EQ(full.bare().local(), "juliet");
  EXPECT_EQ(full.bare_str(), "juliet@example.com");
  EXPECT_EQ(full.with_resource("tomb")->str(), "juliet@example.com/tomb");
  EXPECT_EQ(*full.with_resource(""), full.bare());
  EXPECT_EQ(full.with_resource("\t").error(), JidError::bad_resource);
  EXPECT_FALSE(Jid().with_resource("x"));
  EXPECT_EQ(jid("example.com/x").bare().str(), "example.com");
}

TEST(Jid, kinds) {
  EXPECT_TRUE(jid("a@b/c").is_full());
  EXPECT_FALSE(jid("a@b/c").is_bare());
  EXPECT_TRUE(jid("a@b").is_bare());
  EXPECT_FALSE(jid("a@b").is_domain());
  EXPECT_TRUE(jid("b").is_domain());
  EXPECT_TRUE(jid("b").is_bare());
  EXPECT_TRUE(jid("b/c").is_full());
  EXPECT_FALSE(jid("b/c").is_domain());
  Jid none;
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.is_full() || none.is_bare() || none.is_domain());
  EXPECT_EQ(none.str(), "");
  EXPECT_EQ(none.bare(), none);
}

}  // namespace
}  // namespace xbus::xmpp
