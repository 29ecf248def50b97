// What changes in this host's network, as the topic `link` tells it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "bus/clock.hpp"
#include "rpc/members.hpp"

namespace xbus::agent {

enum class LinkChange {
  added,    // the interface is there
  removed,  // it is gone
  up,       // it is enabled and something is at the other end
  down,     // no longer
  changed,  // its name, MAC, MTU, or why it is down
  address_added,
  address_removed,
  route_added,
  route_removed,
};
XBUS_ENUM(LinkChange, added, removed, up, down, changed, address_added, address_removed, route_added, route_removed)

struct LinkEvent {
  std::string host;  // the agent's instance
  Timestamp time{};  // when the agent was told
  LinkChange change = LinkChange::changed;
  std::string name;  // of the interface; empty for a route through none
  int32_t index = 0;
  std::string state;  // as in Interface
  bool enabled = false;
  bool carrier = false;
  std::optional<std::string> address;  // with prefix length
  std::optional<std::string> route;    // its destination: "default" or with prefix length
  std::optional<std::string> gateway;
  int64_t missed = 0;  // changes before this one that were not told, since too many waited
};
XBUS_STRUCT(LinkEvent, host, time, change, name, index, state, enabled, carrier, address, route, gateway, missed)

// One line for people: "web1: eth0 is down".
std::string text_of(const LinkEvent& event);

}  // namespace xbus::agent
