#include "bus/xmpp/forwarded.hpp"

#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

TEST(Forwarded, example_of_xep0297) {
  auto written = element(
      "<forwarded xmlns='urn:xmpp:forward:0'>"
      "<delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>"
      "<message xmlns='jabber:client' to='juliet@capulet.example/balcony' "
      "from='romeo@montague.example/orchard' type='chat'><body>Call me but love</body></message>"
      "</forwarded>");
  auto read = forwarded_from(written);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->delay->stamp, parse_datetime("2010-07-10T23:08:25Z"));
  EXPECT_EQ(read->stanza.attr_or("type", ""), "chat");
  EXPECT_EQ(to_element(*read), written);
}

TEST(Forwarded, what_is_none) {
  for (const char* text :
       {"<forwarded xmlns='urn:xmpp:forward:0'/>", "<forwarded xmlns='urn:other'/>",
        "<forwarded xmlns='urn:xmpp:forward:0'><message/></forwarded>",
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'/><iq "
        "xmlns='jabber:client'/></forwarded>",
        "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='now'/><message "
        "xmlns='jabber:client'/></forwarded>"}) {
    EXPECT_FALSE(forwarded_from(element(text))) << text;
  }
  EXPECT_TRUE(forwarded_from(element(
      "<forwarded xmlns='urn:xmpp:forward:0'><presence xmlns='jabber:client'/></forwarded>")));
}

}  // namespace
}  // namespace xbus::xmpp
