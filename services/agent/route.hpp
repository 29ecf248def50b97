// A route of this host as rtnetlink tells it (rtnetlink(7)).
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xbus::agent {

// Equal when the kernel takes them for the same route; ordered only to be kept in a set.
struct Route {
  std::string destination;  // "default" or with prefix length
  std::string gateway;      // empty: none
  int32_t index = 0;        // of the interface; 0: none or several
  uint32_t table = 0;
  uint32_t metric = 0;
  uint8_t family = 0;
  uint8_t type = 0;
  auto operator<=>(const Route&) const = default;
};

// What a message about a route says (RTM_NEWROUTE, RTM_DELROUTE), without its header; nothing where it is none of the
// routes that somebody has set or an address brings: the kernel's own of the local table, cached ones, multicast. Pure.
std::optional<Route> route_of(std::string_view payload);

}  // namespace xbus::agent
