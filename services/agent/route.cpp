#include "services/agent/route.hpp"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "services/agent/netlink.hpp"

namespace xbus::agent {
namespace {

uint32_t number_in(std::string_view value) {
  uint32_t number = 0;
  std::memcpy(&number, value.data(), std::min(sizeof number, value.size()));
  return number;
}

// Empty where it is no address of the family.
std::string address_text(uint8_t family, std::string_view value) {
  const size_t size = family == AF_INET ? 4 : 16;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (value.size() != size || ::inet_ntop(family, value.data(), text.data(), text.size()) == nullptr) return "";
  return text.data();
}

// RFC 5549: a gateway of the other family, a family in 16 bits and the address.
std::string foreign_gateway(std::string_view value) {
  if (value.size() <= 2) return "";
  uint16_t family = 0;
  std::memcpy(&family, value.data(), sizeof family);
  if (family != AF_INET && family != AF_INET6) return "";
  return address_text(static_cast<uint8_t>(family), value.substr(2));
}

bool is_told(const rtmsg& head, uint32_t table) {
  if (head.rtm_family != AF_INET && head.rtm_family != AF_INET6) return false;
  if (table == RT_TABLE_LOCAL || (head.rtm_flags & RTM_F_CLONED) != 0) return false;
  return head.rtm_type == RTN_UNICAST || head.rtm_type == RTN_BLACKHOLE || head.rtm_type == RTN_UNREACHABLE ||
         head.rtm_type == RTN_PROHIBIT;
}

}  // namespace

std::optional<Route> route_of(std::string_view payload) {
  rtmsg head{};
  if (payload.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, payload.data(), sizeof head);
  Route route;
  route.family = head.rtm_family;
  route.type = head.rtm_type;
  route.table = head.rtm_table;
  std::string destination;
  each_attribute(payload, sizeof head, [&](uint16_t type, std::string_view value) {
    if (type == RTA_TABLE) route.table = number_in(value);
    if (type == RTA_PRIORITY) route.metric = number_in(value);
    if (type == RTA_OIF) route.index = static_cast<int32_t>(std::min<uint32_t>(number_in(value), INT32_MAX));
    if (type == RTA_DST) destination = address_text(head.rtm_family, value);
    if (type == RTA_GATEWAY) route.gateway = address_text(head.rtm_family, value);
    if (type == RTA_VIA) route.gateway = foreign_gateway(value);
  });
  if (!is_told(head, route.table)) return std::nullopt;
  if (head.rtm_dst_len != 0 && destination.empty()) return std::nullopt;
  route.destination = head.rtm_dst_len == 0 ? "default" : destination + "/" + std::to_string(head.rtm_dst_len);
  return route;
}

}  // namespace xbus::agent
