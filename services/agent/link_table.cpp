#include "services/agent/link_table.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "bus/limits_agent.hpp"
#include "services/agent/netlink.hpp"

namespace xbus::agent {
namespace {

bool works(const Interface& link) { return link.enabled && link.carrier; }

// Counters change with every packet, and addresses have events of their own.
bool looks_alike(const Interface& a, const Interface& b) {
  return a.name == b.name && a.state == b.state && a.enabled == b.enabled && a.carrier == b.carrier && a.mtu == b.mtu &&
         a.mac == b.mac;
}

// A bridge tells of its ports, and a radio of its scans, in messages of the same type that say little of the link.
bool is_of_the_link_itself(std::string_view payload) {
  ifinfomsg head{};
  if (payload.size() < sizeof head) return false;
  std::memcpy(&head, payload.data(), sizeof head);
  bool own = head.ifi_family == AF_UNSPEC;
  each_attribute(payload, sizeof head, [&](uint16_t type, std::string_view) { own = own && type != IFLA_WIRELESS; });
  return own;
}

}  // namespace

LinkEvent LinkTable::event(LinkChange change, int32_t index, Timestamp time) const {
  LinkEvent out;
  out.host = host_;
  out.time = time;
  out.change = change;
  out.index = index;
  if (const auto known = links_.find(index); known != links_.end()) {
    const Interface& link = known->second.link;
    out.name = link.name;
    out.state = link.state;
    out.enabled = link.enabled;
    out.carrier = link.carrier;
  }
  return out;
}

void LinkTable::take_link(Interface link, Timestamp time, Events& out) {
  const int32_t index = link.index;
  const auto known = links_.find(index);
  if (known == links_.end()) {
    if (links_.size() >= limits::agent_links_max) return;
    links_[index].link = std::move(link);
    out.push_back(event(LinkChange::added, index, time));
    return;
  }
  const Interface before = std::exchange(known->second.link, std::move(link));
  const Interface& now = known->second.link;
  if (looks_alike(before, now)) return;
  if (before.enabled && !now.enabled) routes_stale_ = true;
  LinkChange change = LinkChange::changed;
  if (works(before) != works(now)) change = works(now) ? LinkChange::up : LinkChange::down;
  out.push_back(event(change, index, time));
}

void LinkTable::drop_link(int32_t index, Timestamp time, Events& out) {
  const auto known = links_.find(index);
  if (known == links_.end()) return;
  LinkEvent gone = event(LinkChange::removed, index, time);
  gone.state = "notpresent";
  gone.enabled = gone.carrier = false;
  for (const std::string& address : known->second.addresses) {
    out.push_back(event(LinkChange::address_removed, index, time));
    out.back().address = address;
  }
  out.push_back(std::move(gone));
  addresses_ -= known->second.addresses.size();
  links_.erase(known);
  routes_stale_ = true;
}

void LinkTable::take_address(LinkAddress own, Timestamp time, Events& out) {
  const auto known = links_.find(own.index);
  if (known == links_.end() || addresses_ >= limits::agent_addresses_max) return;
  if (!known->second.addresses.insert(own.address).second) return;
  ++addresses_;
  out.push_back(event(LinkChange::address_added, own.index, time));
  out.back().address = std::move(own.address);
}

void LinkTable::drop_address(const LinkAddress& own, Timestamp time, Events& out) {
  const auto known = links_.find(own.index);
  if (known == links_.end() || known->second.addresses.erase(own.address) == 0) return;
  --addresses_;
  routes_stale_ = true;
  out.push_back(event(LinkChange::address_removed, own.index, time));
  out.back().address = own.address;
}

void LinkTable::tell_route(LinkChange change, const Route& route, Timestamp time, Events& out) const {
  out.push_back(event(change, route.index, time));
  out.back().route = route.destination;
  if (!route.gateway.empty()) out.back().gateway = route.gateway;
}

void LinkTable::message(uint16_t type, std::string_view payload, Timestamp time, Events& out) {
  if (type == RTM_NEWLINK || type == RTM_DELLINK) {
    auto link = is_of_the_link_itself(payload) ? link_of(payload) : std::nullopt;
    if (!link) return;
    if (type == RTM_NEWLINK) take_link(std::move(*link), time, out);
    if (type == RTM_DELLINK) drop_link(link->index, time, out);
  } else if (type == RTM_NEWADDR || type == RTM_DELADDR) {
    auto own = address_of(payload);
    if (!own) return;
    if (type == RTM_DELADDR) drop_address(*own, time, out);
    if (type == RTM_NEWADDR) take_address(std::move(*own), time, out);
  } else if (type == RTM_NEWROUTE || type == RTM_DELROUTE) {
    const auto route = too_many_routes_ ? std::nullopt : route_of(payload);
    if (!route) return;
    if (type == RTM_DELROUTE && routes_.erase(*route) != 0) tell_route(LinkChange::route_removed, *route, time, out);
    if (type == RTM_NEWROUTE && routes_.insert(*route).second) tell_route(LinkChange::route_added, *route, time, out);
    if (routes_.size() > limits::agent_routes_max) {
      routes_.clear();
      too_many_routes_ = true;
    }
  }
}

std::vector<LinkEvent> LinkTable::apply(std::string_view datagram, Timestamp time) {
  Events out;
  each_message(datagram, [&](uint16_t type, std::string_view payload) { message(type, payload, time, out); });
  return out;
}

std::vector<LinkEvent> LinkTable::replace_routes(std::string_view dump, Timestamp time) {
  std::set<Route> now;
  each_message(dump, [&](uint16_t type, std::string_view payload) {
    if (type != RTM_NEWROUTE || now.size() > limits::agent_routes_max) return;
    if (auto route = route_of(payload)) now.insert(std::move(*route));
  });
  routes_stale_ = false;
  const bool compare = begun_ && !std::exchange(too_many_routes_, now.size() > limits::agent_routes_max);
  if (too_many_routes_) now.clear();
  Events out;
  if (compare && !too_many_routes_) {
    for (const Route& route : routes_)
      if (!now.contains(route)) tell_route(LinkChange::route_removed, route, time, out);
    for (const Route& route : now)
      if (!routes_.contains(route)) tell_route(LinkChange::route_added, route, time, out);
  }
  routes_ = std::move(now);
  return out;
}

std::vector<LinkEvent> LinkTable::replace(const LinkDumps& now, Timestamp time) {
  Events out;
  std::map<int32_t, Interface> links;
  for (Interface& link : interfaces_from(now.links, now.addresses)) links.emplace(link.index, std::move(link));
  std::vector<int32_t> gone;
  for (const auto& entry : links_)
    if (!links.contains(entry.first)) gone.push_back(entry.first);
  for (const int32_t index : gone) drop_link(index, time, out);
  for (auto& entry : links) {
    const std::vector<std::string> addresses = std::exchange(entry.second.addresses, {});
    const int32_t index = entry.first;
    take_link(std::move(entry.second), time, out);
    const auto known = links_.find(index);
    if (known == links_.end()) continue;
    const std::set<std::string> before = known->second.addresses;
    for (const std::string& address : before)
      if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
        drop_address({index, address}, time, out);
    for (const std::string& address : addresses) take_address({index, address}, time, out);
  }
  const Events of_routes = replace_routes(now.routes, time);
  out.insert(out.end(), of_routes.begin(), of_routes.end());
  if (!std::exchange(begun_, true)) out.clear();
  return out;
}

}  // namespace xbus::agent
