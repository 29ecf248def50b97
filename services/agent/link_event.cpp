#include "services/agent/link_event.hpp"

namespace xbus::agent {

std::string text_of(const LinkEvent& event) {
  const std::string address = event.address.value_or(""), route = event.route.value_or("");
  const std::string way =
      (event.gateway ? " via " + *event.gateway : "") + (event.name.empty() ? "" : " by " + event.name);
  std::string what;
  switch (event.change) {
    case LinkChange::added:
      what = event.name + " is there, " + event.state;
      break;
    case LinkChange::removed:
      what = event.name + " is gone";
      break;
    case LinkChange::up:
      what = event.name + " is up";
      break;
    case LinkChange::down:
      what = event.name + (event.enabled ? " is down" : " is down, switched off");
      break;
    case LinkChange::changed:
      what = event.name + " has changed, " + event.state;
      break;
    case LinkChange::address_added:
      what = event.name + " has the address " + address;
      break;
    case LinkChange::address_removed:
      what = event.name + " has lost the address " + address;
      break;
    case LinkChange::route_added:
      what = "route to " + route + way;
      break;
    case LinkChange::route_removed:
      what = "no more route to " + route + way;
      break;
  }
  return event.host + ": " + what;
}

}  // namespace xbus::agent
