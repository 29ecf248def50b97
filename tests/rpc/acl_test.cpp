// Acl: patterns of JIDs.
#include "rpc/acl.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace xbus {
namespace {

TEST(Acl, patterns_match_part_by_part) {
  struct {
    const char* pattern;
    const char* jid;
    bool matches;
  } const cases[] = {
      {"*@localhost", "user@localhost/a", true},
      {"*@localhost", "user@localhost", true},
      {"*@localhost", "localhost", false},
      {"*@localhost", "user@localhost.evil/a", false},
      {"*@LocalHost", "user@localhost/a", true},
      {"ops@*/*", "ops@far.example/x", true},
      {"ops@*/*", "ops@far.example", true},
      {"ops@*", "oops@far.example/x", false},
      {"*@*.example", "user@a.b.example/x", true},
      {"*@*.example", "user@example/x", false},
      {"*-bot@localhost", "news-bot@localhost/1", true},
      {"bot@a.b/x", "bot@a.b/x", true},
      {"bot@a.b/x", "bot@a.b/y", false},
      {"bot@a.b/x", "bot@a.b", false},
      {"bot@a.b/host-*", "bot@a.b/host-7", true},
      {"news.a.b", "news.a.b", true},
      {"news.a.b", "news.a.b/x", true},
      {"news.a.b", "user@news.a.b", false},
      {"*.a.b", "news.a.b", true},
      {"anonymous", "anonymous", true},
      {"*@*", "anonymous", false},
      {"*", "anonymous", true},
      {"*", "user@far.example/x", true},
      {"a*b*c@x", "aXbYbZc@x/1", true},
      {"a*b*c@x", "aXbYbZ@x/1", false},
      {"", "user@localhost", false},
  };
  for (const auto& [pattern, jid, matches] : cases)
    EXPECT_EQ(JidPattern(pattern).matches(*xmpp::Jid::parse(jid)), matches) << pattern << " against " << jid;
}

TEST(Acl, a_pattern_that_can_match_nobody_is_wrong) {
  for (const char* right : {"*", "*@localhost", "Ops@*/*", "*@*.example", "*-bot@localhost", "bot@a.b/host-*", "news.a.b",
                            "anonymous", "a*b*c@x"})
    EXPECT_TRUE(JidPattern::is_right(right)) << right;
  for (const char* wrong : {"", "@@", "@", "a@b@c", "a@", "@b", "a@b/", "/r", "a b@c", "a@b c"})
    EXPECT_FALSE(JidPattern::is_right(wrong)) << wrong;
  try {
    Acl{"*@localhost", "@@", "@"}.check();
    FAIL() << "@@ passes";
  } catch (const std::invalid_argument& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("\"@@\" ")) << error.what();
  }
  EXPECT_NO_THROW(Acl{"*"}.check());
}

TEST(Acl, the_empty_list_allows_nobody) {
  const auto user = *xmpp::Jid::parse("user@localhost/a");
  EXPECT_FALSE(Acl().allows(user));
  EXPECT_TRUE((Acl{"other@localhost", "user@localhost"}).allows(user));
  EXPECT_FALSE(Acl(std::vector<std::string>{"other@localhost"}).allows(user));
  EXPECT_FALSE(Acl{"*@localhost"}.allows(xmpp::Jid()));
}

}  // namespace
}  // namespace xbus
