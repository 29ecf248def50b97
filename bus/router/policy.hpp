// What becomes of a stanza for a local account: the delivery rules of RFC 6121 section 8.5, with no
// I/O and no XML.
#pragma once
#include <cstdint>

#include "bus/xmpp/stanza.hpp"

namespace xbus::router {

// What routing knows of the addressee.
struct Addressee {
  bool account_exists = false;
  bool full = false;              // the address has a resource
  bool connected = false;         // and that resource is connected
  bool any_available = false;     // some resource is available, whatever its priority
  bool any_non_negative = false;  // some available resource has a priority of 0 or more
};

enum class Route : uint8_t {
  resource,          // to the connected resource
  most_available,    // to the available resource of the highest non-negative priority
  all_non_negative,  // to each available resource of a non-negative priority
  all_available,     // to each available resource
  account,           // the server acts for the account
  offline,           // stored, or service-unavailable where there is no room
  unavailable,       // service-unavailable to the sender
  drop,
};

// Sections 8.5.1, 8.5.2.1.1, 8.5.2.2.1, 8.5.3.1, 8.5.3.2.1 and table 1.
Route route_message(xmpp::MessageType type, const Addressee& addressee);

// Sections 8.5.1, 8.5.2.1.3, 8.5.2.2.3, 8.5.3. A request to a connected full JID is delivered
// without regard to presence: the bus exists to call services that have shared none with their
// callers, and the address itself, whose resource the server chose at random, is what a caller must
// know.
Route route_iq(xmpp::IqType type, const Addressee& addressee);

// Sections 8.5.1, 8.5.2.1.2, 8.5.2.2.2, 8.5.3. Subscriptions and probes are the account's:
// `account`. A probe is answered for an account that does not exist too (section 4.3.2).
Route route_presence(xmpp::PresenceType type, const Addressee& addressee);

}  // namespace xbus::router
