#include "bus/xmpp/payloads/user_browsing.hpp"

#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string page(std::string_view inside) {
  return "<page xmlns='urn:xmpp:browsing:0'>" + std::string(inside) + "</page>";
}

TEST(UserBrowsing, examples_of_xep0195) {
  expect_both_ways(
      page("<uri>https://stpeter.im/</uri>"),
      UserBrowsing{.description = "", .keywords = "", .title = "", .uri = "https://stpeter.im/"},
      user_browsing_from);
  expect_both_ways(page("<description>The weblog of Peter "
                        "Saint-Andre</description><keywords>weblog, xmpp</keywords>"
                        "<title>one small voice</title><uri>https://stpeter.im/</uri>"),
                   UserBrowsing{.description = "The weblog of Peter Saint-Andre",
                                .keywords = "weblog, xmpp",
                                .title = "one small voice",
                                .uri = "https://stpeter.im/"},
                   user_browsing_from);
  expect_both_ways(page(""), UserBrowsing{}, user_browsing_from);
}

TEST(UserBrowsing, what_is_refused) {
  expect_refused(user_browsing_from,
                 {{"<page/>", "another element"},
                  {page("<title>one small voice</title>"), "uri: missing"},
                  {page("<uri>https://a b/</uri>"), "uri: malformed"},
                  {page("<uri>" + std::string(2049, 'x') + "</uri>"), "uri: too long"}});
}

}  // namespace
}  // namespace xbus::xmpp
