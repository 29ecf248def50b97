#include "bus/xmpp/delay.hpp"

#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

Jid jid(std::string_view text) { return *Jid::parse(text); }

TEST(Delay, examples_of_xep0203) {
  auto written = element(
      "<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'>Offline "
      "Storage</delay>");
  Delay delay{.stamp = *parse_datetime("2002-09-10T23:08:25Z"),
              .from = jid("capulet.com"),
              .text = "Offline Storage"};
  EXPECT_EQ(delay_from(written), delay);
  EXPECT_EQ(to_element(delay), written);
  auto presence = element(
      "<presence from='juliet@capulet.com/balcony'><show>xa</show><delay xmlns='urn:xmpp:delay' "
      "from='juliet@capulet.com/balcony' stamp='2002-09-10T23:41:07Z'/></presence>");
  EXPECT_EQ(delay_of(presence)->stamp, parse_datetime("2002-09-10T23:41:07Z"));
}

TEST(Delay, only_the_stamp_of_someone_trusted_counts) {
  auto message = element(
      "<message><delay xmlns='urn:xmpp:delay' from='mallory@example.net' "
      "stamp='2000-01-01T00:00:00Z'/>"
      "<delay xmlns='urn:xmpp:delay' from='capulet.com' stamp='2002-09-10T23:08:25Z'/></message>");
  EXPECT_EQ(delay_of(message, jid("capulet.com"))->stamp, parse_datetime("2002-09-10T23:08:25Z"));
  EXPECT_EQ(delay_of(message)->from, jid("mallory@example.net"));
  EXPECT_FALSE(delay_of(message, jid("example.org")));
  EXPECT_FALSE(delay_of(element("<message/>")));
}

TEST(Delay, without_a_right_stamp_there_is_none) {
  EXPECT_FALSE(delay_from(element("<delay xmlns='urn:xmpp:delay'/>")));
  EXPECT_FALSE(delay_from(element("<delay xmlns='urn:xmpp:delay' stamp='20020910T23:08:25'/>")));
  EXPECT_FALSE(delay_from(element("<x xmlns='jabber:x:delay' stamp='2002-09-10T23:08:25Z'/>")));
  EXPECT_TRUE(
      delay_from(element("<delay xmlns='urn:xmpp:delay' from='@' stamp='2002-09-10T23:08:25Z'/>"))
          ->from.empty());
}

}  // namespace
}  // namespace xbus::xmpp
