#include "bus/xmpp/entity_time.hpp"

#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

TEST(EntityTime, examples_of_xep0202) {
  EXPECT_TRUE(is_entity_time_query(
      element("<iq type='get' id='time_1'><time xmlns='urn:xmpp:time'/></iq>")));
  EXPECT_FALSE(is_entity_time_query(
      element("<iq type='result' id='time_1'><time xmlns='urn:xmpp:time'/></iq>")));
  EXPECT_EQ(entity_time_query(), element("<time xmlns='urn:xmpp:time'/>"));
  auto answer = element(
      "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc></time>");
  auto time = entity_time_from(answer);
  ASSERT_TRUE(time);
  EXPECT_EQ(time->utc, parse_datetime("2006-12-19T17:58:35Z"));
  EXPECT_EQ(time->zone, -std::chrono::hours(6));
  EXPECT_EQ(to_element(*time), answer);
}

TEST(EntityTime, a_clock_at_utc) {
  auto time = entity_time_from(
      element("<time xmlns='urn:xmpp:time'><tzo>Z</tzo><utc>2006-12-19T17:58:35Z</utc></time>"));
  ASSERT_TRUE(time);
  EXPECT_EQ(to_element(*time).first("tzo", ns_time)->text(), "+00:00");
}

TEST(EntityTime, what_is_no_time_is_none) {
  for (std::string_view text :
       {"<time xmlns='urn:xmpp:time'/>", "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo></time>",
        "<time xmlns='urn:xmpp:time'><utc>2006-12-19T17:58:35Z</utc></time>",
        "<time xmlns='urn:xmpp:time'><tzo>six</tzo><utc>2006-12-19T17:58:35Z</utc></time>",
        "<time xmlns='urn:xmpp:time'><tzo>-06:00</tzo><utc>now</utc></time>",
        "<time xmlns='urn:other'><tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc></time>"}) {
    EXPECT_FALSE(entity_time_from(element(text))) << text;
  }
}

}  // namespace
}  // namespace xbus::xmpp
