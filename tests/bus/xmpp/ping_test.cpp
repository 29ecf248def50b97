#include "bus/xmpp/ping.hpp"

#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

TEST(Ping, examples_of_xep0199) {
  EXPECT_EQ(ping(), element("<ping xmlns='urn:xmpp:ping'/>"));
  EXPECT_TRUE(
      is_ping(element("<iq from='capulet.lit' to='juliet@capulet.lit/balcony' id='s2c1' type='get'>"
                      "<ping xmlns='urn:xmpp:ping'/></iq>")));
  EXPECT_FALSE(is_ping(element("<iq id='s2c1' type='result'/>")));
  EXPECT_FALSE(is_ping(element(
      "<iq id='s2c1' type='error'><ping xmlns='urn:xmpp:ping'/><error type='cancel'/></iq>")));
  EXPECT_FALSE(is_ping(element("<iq id='s2c1' type='set'><ping xmlns='urn:xmpp:ping'/></iq>")));
  EXPECT_FALSE(is_ping(element("<iq id='s2c1' type='get'><ping xmlns='urn:other'/></iq>")));
}

}  // namespace
}  // namespace xbus::xmpp
