#include "services/agent/link_table.hpp"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "bus/limits_agent.hpp"
#include "services/agent/netlink.hpp"
#include "tests/services/agent/collectors_fixture.hpp"
#include "tests/services/agent/netlink_bytes.hpp"

namespace xbus::agent {
namespace {

// What a kernel said while a pair of virtual interfaces was made, set up, given an address and a route, and taken away.
std::string recorded(const std::string& name) {
  std::ifstream file(fixture("netlink/" + name + ".netlink"), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string link(int index, const std::string& name, unsigned flags, uint8_t state, uint32_t mtu = 1500) {
  ifinfomsg head{};
  head.ifi_index = index;
  head.ifi_flags = flags;
  return message(RTM_NEWLINK, bytes_of(head) + attribute(IFLA_IFNAME, name + '\0') +
                                  attribute(IFLA_MTU, bytes_of(mtu)) +
                                  attribute(IFLA_OPERSTATE, std::string(1, static_cast<char>(state))));
}

std::string address(uint16_t type, unsigned index, const std::string& own) {
  ifaddrmsg head{};
  head.ifa_index = index;
  head.ifa_family = AF_INET;
  head.ifa_prefixlen = 24;
  return message(type, bytes_of(head) + attribute(IFA_LOCAL, own));
}

std::string route(uint16_t type, uint8_t last, unsigned char table = RT_TABLE_MAIN) {
  rtmsg head{};
  head.rtm_family = AF_INET;
  head.rtm_dst_len = 32;
  head.rtm_table = table;
  head.rtm_type = RTN_UNICAST;
  return message(type, bytes_of(head) + attribute(RTA_DST, std::string("\xc6\x33\x64") + static_cast<char>(last)) +
                           attribute(RTA_OIF, bytes_of(uint32_t{2})));
}

const unsigned running = IFF_UP | IFF_RUNNING;
const Timestamp noon{std::chrono::hours(12)};

std::vector<std::string> told(const std::vector<LinkEvent>& events) {
  std::vector<std::string> out;
  for (const LinkEvent& event : events) out.push_back(text_of(event));
  return out;
}

using Texts = std::vector<std::string>;

LinkTable begun(const LinkDumps& now = {}) {
  LinkTable table("web1");
  EXPECT_TRUE(table.replace(now, noon).empty());
  return table;
}

bool has(const Texts& texts, const std::string& wanted) {
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

TEST(LinkTable, a_recorded_life_of_an_interface) {
  LinkTable table = begun();
  EXPECT_EQ(told(table.apply(recorded("make"), noon)), (Texts{"web1: vb is there, down", "web1: va is there, down"}));
  Texts texts = told(table.apply(recorded("up"), noon));
  EXPECT_TRUE(has(texts, "web1: va is up")) << testing::PrintToString(texts);
  texts = told(table.apply(recorded("address"), noon));
  EXPECT_EQ(texts, (Texts{"web1: va has the address 192.0.2.1/24", "web1: route to 192.0.2.0/24 by va"}));
  texts = told(table.apply(recorded("route"), noon));
  EXPECT_EQ(texts, Texts{"web1: route to 198.51.100.0/24 via 192.0.2.9 by va"});
  EXPECT_FALSE(table.routes_are_stale());
  texts = told(table.apply(recorded("down"), noon));
  EXPECT_TRUE(has(texts, "web1: va is down, switched off")) << testing::PrintToString(texts);
  EXPECT_TRUE(has(texts, "web1: vb is down")) << testing::PrintToString(texts);
  EXPECT_TRUE(table.routes_are_stale());
  texts = told(table.replace_routes("", noon));
  EXPECT_TRUE(has(texts, "web1: no more route to 198.51.100.0/24 via 192.0.2.9 by va"));
  EXPECT_FALSE(table.routes_are_stale());
  texts = told(table.apply(recorded("gone"), noon));
  EXPECT_TRUE(has(texts, "web1: va is gone")) << testing::PrintToString(texts);
  EXPECT_TRUE(has(texts, "web1: vb is gone"));
  EXPECT_TRUE(has(texts, "web1: va has lost the address 192.0.2.1/24"));
}

TEST(LinkTable, what_is_known_is_not_told_again) {
  LinkTable table =
      begun({link(2, "eth0", running, 6), address(RTM_NEWADDR, 2, "\xc6\x33\x64\x01"), route(RTM_NEWROUTE, 7)});
  EXPECT_TRUE(table.apply(link(2, "eth0", running, 6), noon).empty());
  EXPECT_TRUE(table.apply(address(RTM_NEWADDR, 2, "\xc6\x33\x64\x01"), noon).empty());
  EXPECT_TRUE(table.apply(route(RTM_NEWROUTE, 7), noon).empty());
  EXPECT_TRUE(table.apply(route(RTM_DELROUTE, 8), noon).empty());
  EXPECT_TRUE(table.apply(address(RTM_DELADDR, 2, "\xc6\x33\x64\x02"), noon).empty());
}

TEST(LinkTable, an_event_says_what_the_interface_is_now) {
  LinkTable table = begun({link(2, "eth0", running, 6), "", ""});
  const auto events = table.apply(link(2, "eth0", IFF_UP, 3), noon);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].host, "web1");
  EXPECT_EQ(events[0].time, noon);
  EXPECT_EQ(events[0].change, LinkChange::down);
  EXPECT_EQ(events[0].name, "eth0");
  EXPECT_EQ(events[0].index, 2);
  EXPECT_EQ(events[0].state, "lowerlayerdown");
  EXPECT_TRUE(events[0].enabled);
  EXPECT_FALSE(events[0].carrier);
  EXPECT_FALSE(events[0].address || events[0].route || events[0].gateway);
  EXPECT_EQ(told(table.apply(link(2, "eth0", IFF_UP, 3, 9000), noon)), Texts{"web1: eth0 has changed, lowerlayerdown"});
  EXPECT_EQ(told(table.apply(link(2, "wan", running, 6, 9000), noon)), Texts{"web1: wan is up"});
}

TEST(LinkTable, after_a_loss_the_difference_is_told) {
  LinkTable table = begun({link(1, "lo", running, 0) + link(2, "eth0", running, 6) + link(3, "eth1", running, 6),
                           address(RTM_NEWADDR, 2, "\xc6\x33\x64\x01"), route(RTM_NEWROUTE, 7)});
  const Texts texts =
      told(table.replace({link(1, "lo", running, 0) + link(2, "eth0", IFF_UP, 3) + link(4, "eth2", 0, 2),
                          address(RTM_NEWADDR, 2, "\xc6\x33\x64\x05"), route(RTM_NEWROUTE, 9)},
                         noon));
  EXPECT_EQ(texts, (Texts{"web1: eth1 is gone", "web1: eth0 is down", "web1: eth0 has lost the address 198.51.100.1/24",
                          "web1: eth0 has the address 198.51.100.5/24", "web1: eth2 is there, down",
                          "web1: no more route to 198.51.100.7/32 by eth0", "web1: route to 198.51.100.9/32 by eth0"}));
  EXPECT_TRUE(table
                  .replace({link(1, "lo", running, 0) + link(2, "eth0", IFF_UP, 3) + link(4, "eth2", 0, 2),
                            address(RTM_NEWADDR, 2, "\xc6\x33\x64\x05"), route(RTM_NEWROUTE, 9)},
                           noon)
                  .empty());
}

TEST(LinkTable, a_bridge_that_lets_a_port_go_has_not_removed_the_interface) {
  LinkTable table = begun({link(2, "eth0", running, 6), "", ""});
  ifinfomsg head{};
  head.ifi_family = AF_BRIDGE;
  head.ifi_index = 2;
  EXPECT_TRUE(table.apply(message(RTM_DELLINK, bytes_of(head) + attribute(IFLA_IFNAME, std::string("eth0\0", 5))), noon)
                  .empty());
  EXPECT_TRUE(table.apply(message(RTM_NEWLINK, bytes_of(head) + attribute(IFLA_IFNAME, std::string("eth0\0", 5))), noon)
                  .empty());
}

TEST(LinkTable, routes_of_the_kernel_itself_are_not_told) {
  LinkTable table = begun({link(2, "eth0", running, 6), "", ""});
  EXPECT_TRUE(table.apply(route(RTM_NEWROUTE, 1, RT_TABLE_LOCAL), noon).empty());
}

TEST(LinkTable, a_table_of_the_whole_internet_is_not_told) {
  std::string routes;
  for (size_t i = 0; i <= limits::agent_routes_max; ++i) {
    rtmsg head{};
    head.rtm_family = AF_INET;
    head.rtm_dst_len = 32;
    head.rtm_table = RT_TABLE_MAIN;
    head.rtm_type = RTN_UNICAST;
    const auto destination = static_cast<uint32_t>(i);
    routes += message(RTM_NEWROUTE, bytes_of(head) + attribute(RTA_DST, bytes_of(destination)));
  }
  const size_t one = routes.size() / (limits::agent_routes_max + 1);
  const std::string edge = routes.substr(0, routes.size() - one), last = routes.substr(edge.size());
  LinkTable table = begun({"", "", edge});
  EXPECT_FALSE(table.has_too_many_routes());
  EXPECT_EQ(table.apply(last, noon).size(), 1u);
  EXPECT_TRUE(table.has_too_many_routes());
  EXPECT_TRUE(table.apply(route(RTM_NEWROUTE, 1), noon).empty());
  EXPECT_TRUE(table.replace_routes(routes, noon).empty());
  EXPECT_TRUE(table.replace_routes(edge, noon).empty());  // told again from here on
  EXPECT_FALSE(table.has_too_many_routes());
  EXPECT_EQ(table.apply(route(RTM_NEWROUTE, 1), noon).size(), 1u);
}

TEST(LinkTable, broken_messages_change_nothing_that_crashes) {
  std::mt19937 random(20261122);
  const std::string all =
      recorded("make") + recorded("up") + recorded("address") + recorded("route") + recorded("down");
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = all.substr(0, random() % all.size());
    for (int i = 0; i < 8 && !bytes.empty(); ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    LinkTable table = begun();
    for (const LinkEvent& event : table.apply(bytes, noon)) EXPECT_FALSE(text_of(event).empty());
  }
}

}  // namespace
}  // namespace xbus::agent
