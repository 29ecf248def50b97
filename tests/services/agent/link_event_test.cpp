#include "services/agent/link_event.hpp"

#include <gtest/gtest.h>

#include "rpc/convert.hpp"

namespace xbus::agent {
namespace {

TEST(LinkEvent, travels_as_a_struct_and_leaves_out_what_does_not_belong) {
  LinkEvent event;
  event.host = "web1";
  event.change = LinkChange::address_added;
  event.name = "eth0";
  event.address = "192.0.2.1/24";
  const Value value = to_value(event);
  EXPECT_EQ(*value.find("change"), Value("address_added"));
  EXPECT_EQ(*value.find("address"), Value("192.0.2.1/24"));
  const auto back = from_value<LinkEvent>(value);
  EXPECT_EQ(back.change, LinkChange::address_added);
  EXPECT_EQ(back.host, "web1");
  EXPECT_FALSE(back.route);
}

TEST(LinkEvent, each_change_has_a_line_of_its_own) {
  std::string before;
  for (int change = 0; change <= static_cast<int>(LinkChange::route_removed); ++change) {
    LinkEvent event;
    event.host = "web1";
    event.change = static_cast<LinkChange>(change);
    event.name = "eth0";
    event.route = "default";
    EXPECT_TRUE(text_of(event).starts_with("web1: ")) << change;
    EXPECT_NE(text_of(event), before);
    before = text_of(event);
  }
}

}  // namespace
}  // namespace xbus::agent
