#include "bus/xmpp/precis_alabel.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp::precis {
namespace {

TEST(Alabel, names_as_dns_spells_them) {
  EXPECT_EQ(to_a_labels("Bus.Example"), "bus.example");
  EXPECT_EQ(to_a_labels("m\u00fcnchen.example"), "xn--mnchen-3ya.example");
  EXPECT_EQ(to_a_labels("_xmpp-client._tcp.bus.example"), "_xmpp-client._tcp.bus.example");
  EXPECT_EQ(to_a_labels("stra\u00dfe.example"), "xn--strae-oqa.example");  // IDNA2008: not "ss"
  EXPECT_FALSE(to_a_labels(""));
  EXPECT_FALSE(to_a_labels("\u2665.\xff"));
  EXPECT_FALSE(to_a_labels(std::string("a\0b", 3)));
}

TEST(Alabel, a_name_has_at_most_253_bytes) {
  std::string label(61, 'x');
  auto name = label + "." + label + "." + label + "." + label;
  EXPECT_TRUE(to_a_labels(name + ".yyyyy"));
  EXPECT_FALSE(to_a_labels(name + ".yyyyyy"));
}

}  // namespace
}  // namespace xbus::xmpp::precis
