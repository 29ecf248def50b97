#include "bus/xmpp/rsm.hpp"

#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

xml::Element query(std::string_view set) {
  return element(
      "<query xmlns='jabber:iq:search'><nick>Pete</nick><set "
      "xmlns='http://jabber.org/protocol/rsm'>" +
      std::string(set) + "</set></query>");
}

// XEP-0059 sections 2.1 to 2.7: each request of the examples.
TEST(Rsm, requests_of_xep0059) {
  struct Case {
    std::string_view set;
    PageRequest request;
  };
  const Case cases[] = {
      {"<max>10</max>", {.max = 10, .after = {}, .before = {}, .index = {}}},
      {"<max>10</max><after>peterpan@neverland.lit</after>",
       {.max = 10, .after = "peterpan@neverland.lit", .before = {}, .index = {}}},
      {"<max>10</max><before>peter@pixyland.org</before>",
       {.max = 10, .after = {}, .before = "peter@pixyland.org", .index = {}}},
      {"<max>10</max><before/>", {.max = 10, .after = {}, .before = "", .index = {}}},
      {"<max>10</max><index>371</index>", {.max = 10, .after = {}, .before = {}, .index = 371}},
      {"<max>0</max>", {.max = 0, .after = {}, .before = {}, .index = {}}},
      {"", {}},
  };
  for (const Case& c : cases) {
    auto read = page_request_from(query(c.set));
    ASSERT_TRUE(read) << c.set;
    EXPECT_EQ(*read, c.request) << c.set;
    EXPECT_EQ(to_element(c.request), *query(c.set).first("set", ns_rsm)) << c.set;
  }
  EXPECT_EQ(*page_request_from(element("<query xmlns='jabber:iq:search'/>")), PageRequest());
}

TEST(Rsm, pages_of_xep0059) {
  struct Case {
    std::string_view set;
    Page page;
  };
  const Case cases[] = {
      {"<first "
       "index='0'>stpeter@jabber.org</first><last>peterpan@neverland.lit</last><count>800</count>",
       {.first = "stpeter@jabber.org",
        .last = "peterpan@neverland.lit",
        .first_index = 0,
        .count = 800}},
      {"<count>790</count>", {.first = {}, .last = {}, .first_index = {}, .count = 790}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(page_from(query(c.set)), c.page);
    EXPECT_EQ(to_element(c.page), *query(c.set).first("set", ns_rsm));
  }
  EXPECT_FALSE(page_from(element("<query xmlns='jabber:iq:search'/>")));
}

TEST(Rsm, bad_requests_are_refused) {
  for (std::string_view set :
       {"<max>ten</max>", "<max/>", "<max>-1</max>", "<max>4294967296</max>", "<index>x</index>"}) {
    EXPECT_EQ(page_request_from(query(set)).error(), RsmError::bad_number) << set;
  }
  EXPECT_EQ(page_request_from(query("<after>a</after><before/>")).error(), RsmError::conflicting);
  EXPECT_EQ(page_request_from(query("<index>1</index><after>a</after>")).error(),
            RsmError::conflicting);
  EXPECT_EQ(page_from(query("<first index='x'>a</first><count>many</count>")),
            (Page{.first = "a", .last = {}, .first_index = {}, .count = {}}));
}

}  // namespace
}  // namespace xbus::xmpp
