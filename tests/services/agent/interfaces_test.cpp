#include "services/agent/interfaces.hpp"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "services/agent/netlink.hpp"
#include "tests/services/agent/netlink_bytes.hpp"

namespace xbus::agent {
namespace {

std::string link(int index, const std::string& name, unsigned flags, uint8_t state) {
  ifinfomsg head{};
  head.ifi_index = index;
  head.ifi_flags = flags;
  rtnl_link_stats64 stats{};
  stats.rx_bytes = 11, stats.rx_packets = 12, stats.rx_errors = 13, stats.rx_dropped = 14;
  stats.tx_bytes = UINT64_MAX, stats.tx_packets = 22, stats.tx_errors = 23, stats.tx_dropped = 24;
  return message(RTM_NEWLINK,
                 bytes_of(head) + attribute(IFLA_IFNAME, name + '\0') +
                     attribute(IFLA_MTU, bytes_of(uint32_t{1500})) +
                     attribute(IFLA_OPERSTATE, std::string(1, static_cast<char>(state))) +
                     attribute(IFLA_ADDRESS, "\x02\xaa\x0b\xff\x10\x01") +
                     attribute(IFLA_STATS64, bytes_of(stats)));
}

std::string address(unsigned index, uint8_t family, uint8_t prefix, const std::string& other_end,
                    const std::string& local) {
  ifaddrmsg head{};
  head.ifa_index = index;
  head.ifa_family = family;
  head.ifa_prefixlen = prefix;
  return message(RTM_NEWADDR, bytes_of(head) + attribute(IFA_ADDRESS, other_end) +
                                  (local.empty() ? "" : attribute(IFA_LOCAL, local)));
}

const std::string links = link(3, "tun0", IFF_UP, 0) + link(2, "eth0", IFF_UP | IFF_RUNNING, 6);
const std::string addresses =
    address(2, AF_INET, 24, std::string("\xc0\x00\x02\x01", 4),
            std::string("\xc0\x00\x02\x01", 4)) +
    address(2, AF_INET6, 64, std::string("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16), "") +
    address(3, AF_INET, 32, std::string("\x0a\x00\x00\x02", 4),
            std::string("\x0a\x00\x00\x01", 4)) +
    address(9, AF_INET, 24, std::string(4, '\1'), "") + address(2, AF_INET, 24, "abc", "");

TEST(Interfaces, are_read_from_the_kernels_dumps) {
  const auto found = interfaces_from(links, addresses);
  ASSERT_EQ(found.size(), 2u);
  const Interface& eth = found[0];
  EXPECT_EQ(eth.name, "eth0");
  EXPECT_EQ(eth.index, 2);
  EXPECT_EQ(eth.state, "up");
  EXPECT_TRUE(eth.enabled);
  EXPECT_TRUE(eth.carrier);
  EXPECT_EQ(eth.mtu, 1500);
  EXPECT_EQ(eth.mac, "02:aa:0b:ff:10:01");
  EXPECT_EQ(eth.addresses, (std::vector<std::string>{"192.0.2.1/24", "fe80::1/64"}));
  EXPECT_EQ(eth.received.bytes, 11);
  EXPECT_EQ(eth.received.dropped, 14);
  EXPECT_EQ(eth.sent.bytes, INT64_MAX);  // a counter beyond int64 stays at its end
  EXPECT_EQ(eth.sent.packets, 22);
  EXPECT_EQ(found[1].state, "unknown");
  EXPECT_FALSE(found[1].carrier);
  EXPECT_EQ(found[1].addresses, (std::vector<std::string>{"10.0.0.1/32"}));  // ours, not the peer's
}

TEST(Interfaces, a_dump_cut_anywhere_is_read_as_far_as_it_goes) {
  for (size_t size = 0; size <= links.size(); ++size) {
    // A copy of its own, so that reading beyond the end is seen by the sanitizer.
    const std::vector<char> cut(links.begin(), links.begin() + static_cast<long>(size));
    EXPECT_LE(interfaces_from({cut.data(), cut.size()}, addresses).size(), 2u);
  }
  for (size_t size = 0; size <= addresses.size(); ++size) {
    const std::vector<char> cut(addresses.begin(), addresses.begin() + static_cast<long>(size));
    EXPECT_EQ(interfaces_from(links, {cut.data(), cut.size()}).size(), 2u);
  }
}

TEST(Interfaces, a_dump_with_any_bytes_in_it_does_no_harm) {
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    std::string bad_links = links, bad_addresses = addresses;
    for (int i = 0; i < 4; ++i) {
      bad_links[random() % bad_links.size()] = static_cast<char>(random());
      bad_addresses[random() % bad_addresses.size()] = static_cast<char>(random());
    }
    EXPECT_LE(interfaces_from(bad_links, bad_addresses).size(), 2u);
  }
}

TEST(Interfaces, of_this_host_hold_the_loopback) {
  const auto found = interfaces();
  ASSERT_TRUE(found);
  const auto loopback = std::find_if(found->begin(), found->end(),
                                     [](const Interface& link) { return link.name == "lo"; });
  ASSERT_NE(loopback, found->end());
  EXPECT_EQ(loopback->index, static_cast<int32_t>(::if_nametoindex("lo")));
  EXPECT_TRUE(loopback->enabled);
  EXPECT_GE(loopback->mtu, 1280);
  EXPECT_NE(std::find(loopback->addresses.begin(), loopback->addresses.end(), "127.0.0.1/8"),
            loopback->addresses.end());
  EXPECT_EQ(loopback->received.bytes, loopback->sent.bytes);
}

}  // namespace
}  // namespace xbus::agent
