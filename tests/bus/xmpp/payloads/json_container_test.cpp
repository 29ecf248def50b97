#include "bus/xmpp/payloads/json_container.hpp"

#include "bus/limits_payloads.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string json(std::string_view inside) {
  return "<json xmlns='urn:xmpp:json:0'>" + std::string(inside) + "</json>";
}

TEST(JsonContainer, examples_of_xep0335) {
  expect_both_ways(
      json(" { \"name\": \"romeo\", \"age\": \"421\", \"status\": \"single\" } "),
      JsonContainer{" { \"name\": \"romeo\", \"age\": \"421\", \"status\": \"single\" } "},
      json_container_from);
  expect_both_ways(json("[&quot;a &lt; b&quot;]"), JsonContainer{"[\"a < b\"]"},
                   json_container_from);
}

TEST(JsonContainer, up_to_its_limit) {
  const std::string most = "\"" + std::string(limits::payload_json_bytes_max - 2, 'x') + "\"";
  auto of = [](std::string_view text) { return xml::Element("json", ns_json).add_text(text); };
  EXPECT_TRUE(json_container_from(of(most)));
  const auto more = json_container_from(of(most + " "));
  ASSERT_FALSE(more);
  EXPECT_EQ(describe(more.error()), "json: too long");
}

TEST(JsonContainer, what_is_refused) {
  expect_refused(json_container_from, {{"<json>{}</json>", "another element"},
                                       {json(""), "json: missing"},
                                       {json(" \n\t"), "json: missing"},
                                       {json("{}<b/>"), "json: malformed"}});
}

}  // namespace
}  // namespace xbus::xmpp
