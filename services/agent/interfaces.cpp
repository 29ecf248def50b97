#include "services/agent/interfaces.hpp"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "rpc/printable.hpp"
#include "services/agent/netlink.hpp"

namespace xbus::agent {
namespace {

// Copies the leading bytes of `bytes` into a T; what is missing stays zero.
template <class T>
T leading(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

std::string text_of(std::string_view bytes) { return printable(bytes.substr(0, bytes.find('\0'))); }

int64_t count(uint64_t value) { return static_cast<int64_t>(std::min<uint64_t>(value, INT64_MAX)); }

std::string state_name(uint8_t state) {
  constexpr std::array<const char*, 7> names = {"unknown", "notpresent", "down", "lowerlayerdown",
                                                "testing", "dormant",    "up"};
  return state < names.size() ? names[state] : "unknown";
}

std::string mac_of(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!out.empty()) out += ':';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

std::optional<Interface> link_of(std::string_view payload) {
  if (payload.size() < sizeof(ifinfomsg)) return std::nullopt;
  const auto head = leading<ifinfomsg>(payload);
  Interface link;
  link.index = head.ifi_index;
  link.state = "unknown";
  link.enabled = (head.ifi_flags & IFF_UP) != 0;
  link.carrier = (head.ifi_flags & IFF_RUNNING) != 0;
  each_attribute(payload, sizeof head, [&](uint16_t type, std::string_view value) {
    if (type == IFLA_IFNAME) link.name = text_of(value);
    if (type == IFLA_MTU)
      link.mtu = static_cast<int32_t>(std::min<uint32_t>(leading<uint32_t>(value), INT32_MAX));
    if (type == IFLA_OPERSTATE) link.state = state_name(leading<uint8_t>(value));
    if (type == IFLA_ADDRESS) link.mac = mac_of(value.substr(0, 32));
    if (type == IFLA_STATS64) {
      const auto stats = leading<rtnl_link_stats64>(value);
      link.received = {count(stats.rx_bytes), count(stats.rx_packets), count(stats.rx_errors),
                       count(stats.rx_dropped)};
      link.sent = {count(stats.tx_bytes), count(stats.tx_packets), count(stats.tx_errors),
                   count(stats.tx_dropped)};
    }
  });
  if (link.name.empty()) return std::nullopt;
  return link;
}

// On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL is ours.
std::optional<LinkAddress> address_of(std::string_view payload) {
  if (payload.size() < sizeof(ifaddrmsg)) return std::nullopt;
  const auto head = leading<ifaddrmsg>(payload);
  const size_t size = head.ifa_family == AF_INET ? 4 : head.ifa_family == AF_INET6 ? 16 : 0;
  std::string_view address, local;
  each_attribute(payload, sizeof head, [&](uint16_t type, std::string_view value) {
    if (type == IFA_ADDRESS) address = value;
    if (type == IFA_LOCAL) local = value;
  });
  const std::string_view own = local.empty() ? address : local;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (size == 0 || own.size() != size ||
      ::inet_ntop(head.ifa_family, own.data(), text.data(), text.size()) == nullptr)
    return std::nullopt;
  return LinkAddress{static_cast<int32_t>(head.ifa_index),
                     std::string(text.data()) + "/" + std::to_string(head.ifa_prefixlen)};
}

std::vector<Interface> interfaces_from(std::string_view links, std::string_view addresses) {
  std::map<int32_t, Interface> found;
  each_message(links, [&](uint16_t type, std::string_view payload) {
    if (type != RTM_NEWLINK) return;
    if (auto link = link_of(payload)) found[link->index] = std::move(*link);
  });
  each_message(addresses, [&](uint16_t type, std::string_view payload) {
    if (type != RTM_NEWADDR) return;
    auto own = address_of(payload);
    const auto link = own ? found.find(own->index) : found.end();
    if (link != found.end()) link->second.addresses.push_back(std::move(own->address));
  });
  std::vector<Interface> out;
  for (auto& entry : found) out.push_back(std::move(entry.second));
  return out;
}

Result<std::vector<Interface>, KernelError> interfaces() {
  const auto links = netlink_dump(RTM_GETLINK);
  const auto addresses = netlink_dump(RTM_GETADDR);
  if (!links || !addresses) return Err{KernelError::unreadable};
  return interfaces_from(*links, *addresses);
}

}  // namespace xbus::agent
