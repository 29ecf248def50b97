// The state machine of presence subscriptions (RFC 6121 appendix A), as tables without a roster.
#pragma once
#include <cstdint>
#include <optional>

#include "bus/xmpp/stanza.hpp"

namespace xbus::server {

// The nine states of appendix A.1, from the user's side.
enum class Subscription : uint8_t {
  none,
  none_out,
  none_in,
  none_out_in,
  to,
  to_in,
  from,
  from_out,
  both
};

struct SubscriptionStep {
  bool pass = false;  // outbound: routed to the contact; inbound: delivered to the user
  Subscription next = Subscription::none;
  // What the server answers to the contact for the user: subscribed or unsubscribed.
  std::optional<xmpp::PresenceType> reply;
};

// `type` is subscribe, subscribed, unsubscribe or unsubscribed.
SubscriptionStep outbound(xmpp::PresenceType type, Subscription state);  // tables 2 to 5
SubscriptionStep inbound(xmpp::PresenceType type, Subscription state);   // tables 6 to 9

bool pending_in(Subscription state);
bool pending_out(Subscription state);
bool to_contact(Subscription state);    // the user sees the contact's presence
bool from_contact(Subscription state);  // the contact sees the user's presence
// From the parts that a roster item keeps.
Subscription subscription_of(bool to, bool from, bool ask, bool request);

}  // namespace xbus::server
