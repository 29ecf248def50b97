// Presence: broadcast, directed, probes and subscriptions (RFC 6121 sections 3 and 4). All under
// the router's lock.
#pragma once
#include "bus/server/parcel.hpp"
#include "bus/server/session.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::server {

class Hub;

// What a client sends: without `to` it is broadcast; with one it is directed, or about a
// subscription.
void presence_from(Hub& hub, Session& session, Parcel& parcel);

// Subscriptions and probes for a local account.
void presence_for_account(Hub& hub, Parcel& parcel);

// The session is off the routes: unavailable to all who saw it, directed targets included
// (section 4.5.3, 4.6.3).
void session_ended(Hub& hub, const xmpp::Jid& full, Session::Presence& presence);

// subscribe, subscribed, ... from the account (bare) to the contact (bare).
void send_subscription(Hub& hub, xmpp::PresenceType type, const xmpp::Jid& account,
                       const xmpp::Jid& contact);
// `watcher` is told when the resource becomes unavailable or goes, as if it had been sent directed presence. False: it
// is not connected, or has told too many.
bool tell_when_gone(Hub& hub, const xmpp::Jid& full, const xmpp::Jid& watcher);
// The unavailability of each available resource of the account.
void send_unavailable(Hub& hub, const xmpp::Jid& account, const xmpp::Jid& contact);

}  // namespace xbus::server
