#include "services/agent/route.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/services/agent/netlink_bytes.hpp"

namespace xbus::agent {
namespace {

struct Spoken {
  uint8_t family = AF_INET, length = 0, type = RTN_UNICAST;
  unsigned flags = 0;
  std::string attributes = {};
};

std::optional<Route> read(const Spoken& spoken) {
  rtmsg head{};
  head.rtm_family = spoken.family;
  head.rtm_dst_len = spoken.length;
  head.rtm_table = RT_TABLE_MAIN;
  head.rtm_type = spoken.type;
  head.rtm_flags = spoken.flags;
  return route_of(bytes_of(head) + spoken.attributes);
}

TEST(Route, a_default_route) {
  const auto found =
      read({.attributes = attribute(RTA_GATEWAY, "\xc6\x33\x64\x01") + attribute(RTA_OIF, bytes_of(uint32_t{3})) +
                          attribute(RTA_PRIORITY, bytes_of(uint32_t{100})) +
                          attribute(RTA_TABLE, bytes_of(uint32_t{1000}))});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->destination, "default");
  EXPECT_EQ(found->gateway, "198.51.100.1");
  EXPECT_EQ(found->index, 3);
  EXPECT_EQ(found->metric, 100u);
  EXPECT_EQ(found->table, 1000u);
}

TEST(Route, a_network_of_version_six_and_a_gateway_of_the_other_family) {
  const std::string net("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16);
  const auto six = read({.family = AF_INET6, .length = 32, .attributes = attribute(RTA_DST, net)});
  ASSERT_TRUE(six);
  EXPECT_EQ(six->destination, "2001:db8::/32");
  const auto via = read({.attributes = attribute(RTA_VIA, bytes_of(uint16_t{AF_INET6}) + net)});
  ASSERT_TRUE(via);
  EXPECT_EQ(via->gateway, "2001:db8::");
}

TEST(Route, what_is_not_told) {
  EXPECT_TRUE(read({}));
  EXPECT_FALSE(read({.family = AF_BRIDGE}));
  EXPECT_FALSE(read({.type = RTN_MULTICAST}));
  EXPECT_FALSE(read({.type = RTN_LOCAL}));
  EXPECT_TRUE(read({.type = RTN_BLACKHOLE}));
  EXPECT_FALSE(read({.flags = RTM_F_CLONED}));
  EXPECT_FALSE(read({.attributes = attribute(RTA_TABLE, bytes_of(uint32_t{RT_TABLE_LOCAL}))}));
  EXPECT_FALSE(read({.length = 24, .attributes = attribute(RTA_DST, "\xc6\x33\x64")}));  // three bytes are no address
  EXPECT_FALSE(read({.length = 24}));
  EXPECT_FALSE(route_of("short"));
}

}  // namespace
}  // namespace xbus::agent
