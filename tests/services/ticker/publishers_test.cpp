#include "services/ticker/publishers.hpp"

#include <gtest/gtest.h>

namespace xbus::ticker {
namespace {

constexpr const char* present =
    "<affiliations xmlns='http://jabber.org/protocol/pubsub#owner' node='ticker/a'>"
    "<affiliation jid='ticker@example.org' affiliation='owner'/><affiliation jid='old@example.org' "
    "affiliation='publisher'/>"
    "<affiliation jid='kept@example.org' affiliation='publisher'/><affiliation jid='banned@example.org' "
    "affiliation='outcast'/>"
    "</affiliations>";

TEST(TickerPublishers, accounts_are_of_the_bus_and_each_counts_once) {
  const auto jids = publishers_of({"desk", "Desk@example.org", "b@other.example"}, "example.org");
  ASSERT_EQ(jids.size(), 2u);
  EXPECT_EQ(jids[0].str(), "desk@example.org");
  EXPECT_EQ(jids[1].str(), "b@other.example");
}

TEST(TickerPublishers, only_what_differs_is_asked_for) {
  const auto there = xml::parse(present);
  ASSERT_TRUE(there);
  const auto asked = changes(*there, publishers_of({"kept", "new", "ticker", "banned"}, "example.org"), "ticker/a");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->attr_or("node", ""), "ticker/a");
  std::string text;
  for (const xml::Element* each : asked->elements())
    text += std::string(each->attr_or("jid", "")) + "=" + std::string(each->attr_or("affiliation", "")) + " ";
  EXPECT_EQ(text, "old@example.org=none new@example.org=publisher ");
  EXPECT_FALSE(changes(*there, publishers_of({"kept", "old"}, "example.org"), "ticker/a"));
}

}  // namespace
}  // namespace xbus::ticker
