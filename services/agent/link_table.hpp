// What is known of this host's network, and what a message of the kernel's changes in it. Pure: messages in, events
// out.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "services/agent/interfaces.hpp"
#include "services/agent/link_event.hpp"
#include "services/agent/route.hpp"

namespace xbus::agent {

// The answers to the three dumps RTM_GETLINK, RTM_GETADDR and RTM_GETROUTE.
struct LinkDumps {
  std::string links;
  std::string addresses;
  std::string routes;
};

// A message that says what is known already makes no event: the kernel repeats itself, and a dump and the messages
// after it overlap.
class LinkTable {
 public:
  explicit LinkTable(std::string host) : host_(std::move(host)) {}

  // Takes what the host has now and returns how that differs from what was known: at the start, and after messages were
  // lost. What came and went in between is not in it. The first time there is nothing to differ from: no events.
  std::vector<LinkEvent> replace(const LinkDumps& now, Timestamp time);
  // The same of the routes alone.
  std::vector<LinkEvent> replace_routes(std::string_view dump, Timestamp time);
  // Takes the messages of one datagram.
  std::vector<LinkEvent> apply(std::string_view datagram, Timestamp time);

  // Whether the kernel may have dropped routes since the last dump of them without a word, as it does with IPv4 routes
  // of an interface that goes down or loses an address.
  bool routes_are_stale() const { return routes_stale_; }
  // Whether there are more routes than limits::agent_routes_max: then none is told.
  bool has_too_many_routes() const { return too_many_routes_; }

 private:
  struct Known {
    Interface link;
    std::set<std::string> addresses;
  };
  using Links = std::map<int32_t, Known>;
  using Events = std::vector<LinkEvent>;

  LinkEvent event(LinkChange change, int32_t index, Timestamp time) const;
  void take_link(Interface link, Timestamp time, Events& out);
  void drop_link(int32_t index, Timestamp time, Events& out);
  void take_address(LinkAddress own, Timestamp time, Events& out);
  void drop_address(const LinkAddress& own, Timestamp time, Events& out);
  void tell_route(LinkChange change, const Route& route, Timestamp time, Events& out) const;
  void message(uint16_t type, std::string_view payload, Timestamp time, Events& out);

  std::string host_;
  Links links_;
  size_t addresses_ = 0;
  std::set<Route> routes_;
  bool begun_ = false;
  bool routes_stale_ = false;
  bool too_many_routes_ = false;
};

}  // namespace xbus::agent
