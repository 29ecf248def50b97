#include "bus/server/presence.hpp"

#include <optional>
#include <utility>

#include "bus/limits.hpp"
#include "bus/router/splice.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/offline.hpp"
#include "bus/server/roster.hpp"

namespace xbus::server {
namespace {

using xmpp::Jid;
using xmpp::PresenceType;

Session& session_of(router::Slot& slot) {
  return static_cast<Session&>(static_cast<Link&>(slot.endpoint()));
}

// The stanza to one more addressee.
void send_copy(Hub& hub, xml::Element& presence, const Jid& from, std::string_view to) {
  presence.set("from", from.str()).set("to", to);
  hub.send(presence, from);
}

std::shared_ptr<Contacts> contacts_of(Hub& hub, Session::Presence& presence, const Jid& bare) {
  if (!presence.contacts) presence.contacts = hub.rosters.of(bare.local());
  return presence.contacts;
}

// What the session broadcast last, while it is available.
std::optional<xml::Element> last_of(const Session::Presence* presence) {
  if (presence == nullptr || presence->last.empty()) return {};
  auto tree = xml::parse(presence->last, xml::ns_client, written_limits());
  if (!tree) return {};
  return std::move(*tree);
}

// To the contacts that may see it and to the account's own available resources.
void broadcast(Hub& hub, xml::Element presence, const Jid& full, Contacts& contacts) {
  std::vector<std::string>
      targets;  // sending changes nothing here, but a roster may change under a list
  for (const auto& [jid, item] : contacts.items()) {
    if (from_contact(subscription_of(&item))) targets.push_back(jid);
  }
  for (const std::string& target : targets) send_copy(hub, presence, full, target);
  if (const router::Owner* owner = hub.routes.find_owner(full.bare_str())) {
    std::vector<std::string> own;
    for (const router::Slot* slot : owner->slots()) {
      if (slot->available()) own.push_back(slot->jid().str());
    }
    for (const std::string& target : own) send_copy(hub, presence, full, target);
  }
}

// What a resource that becomes available is told: the presence of its account's other resources and
// of those it is subscribed to, and who waits for an answer (sections 4.2.2, 3.1.3).
void welcome(Hub& hub, Session& session, Contacts& contacts) {
  const Jid full = session.jid();
  for (router::Slot* slot : std::vector(session.slot().owner().slots())) {
    if (!slot->available() || slot == &session.slot()) continue;
    Session::Presence* other = session_of(*slot).presence_if_any();
    auto copy = last_of(other);
    if (copy) send_copy(hub, *copy, slot->jid(), full.str());
  }
  std::vector<std::string> probed;
  for (const auto& [jid, item] : contacts.items()) {
    if (to_contact(subscription_of(&item))) probed.push_back(jid);
    if (!item.request.empty()) session.push(item.request);
  }
  for (const std::string& jid : probed) {
    xml::Element probe("presence", std::string(xml::ns_client));
    probe.set("type", "probe");
    send_copy(hub, probe, full, jid);
  }
}

// A presence that is kept, or goes to many.
bool too_large(const Parcel& parcel) { return parcel.size() > limits::presence_bytes_max; }

void refuse_large(Hub& hub, Parcel& parcel) {
  hub.refuse(parcel, {xmpp::Condition::policy_violation, "too large a presence"});
}

void available(Hub& hub, Session& session, Parcel& parcel) {
  xml::Element stanza = parcel.element();
  stanza.unset("to");
  stanza.set("from", session.jid().str());
  std::string text = xml::write(stanza, xml::ns_client);
  if (!router::relayable(text, xml::ns_client, limits::presence_bytes_max))
    return refuse_large(hub, parcel);
  int8_t priority = xmpp::priority_of(stanza);
  bool initial = !session.slot().available();
  bool was_negative = initial || session.slot().priority() < 0;
  Session::Presence& presence = session.presence();
  auto contacts = contacts_of(hub, presence, session.bare());
  session.slot().set_available(priority);
  presence.last = std::move(text);
  broadcast(hub, std::move(stanza), session.jid(), *contacts);
  if (initial) welcome(hub, session, *contacts);
  if (priority >= 0 && was_negative) deliver_offline(hub, session);
}

void unavailable(Hub& hub, Session& session, xml::Element stanza) {
  Session::Presence& presence = session.presence();
  auto directed = std::exchange(presence.directed, {});
  presence.told.reset();
  stanza.unset("to");
  if (session.slot().available()) {
    session.slot().set_unavailable();
    std::string().swap(presence.last);
    auto contacts = contacts_of(hub, presence, session.bare());
    broadcast(hub, stanza, session.jid(), *contacts);
    xml::Element own = stanza;
    send_copy(hub, own, session.jid(),
              session.jid().str());  // section 4.5.2: the resource itself too
  }
  for (const Jid& target : directed) send_copy(hub, stanza, session.jid(), target.str());
}

// With what the set has of its own for each.
size_t bytes_of(const Jid& target) { return 4 * sizeof(void*) + sizeof(Jid) + target.str().size(); }

// The target is told when the session goes. False: the session, or its account, has as many as it may.
bool remember(Session& session, const Jid& target) {
  Session::Presence& presence = session.presence();
  if (presence.directed.size() >= limits::directed_presence_max) return false;
  if (!presence.told)
    presence.told.emplace(session.slot().owner().told(), limits::directed_presence_bytes_max);
  if (!presence.told->add(bytes_of(target))) return false;
  presence.directed.insert(target);
  return true;
}

void directed(Hub& hub, Session& session, Parcel& parcel, PresenceType type) {
  if (type != PresenceType::available && type != PresenceType::unavailable)
    return hub.route(parcel);
  auto& targets = session.presence().directed;
  auto known = targets.find(parcel.to());
  if (type == PresenceType::unavailable) {
    if (known != targets.end()) {
      session.presence().told->release(bytes_of(*known));
      targets.erase(known);
    }
  } else if (known == targets.end() && !remember(session, parcel.to())) {
    return hub.refuse(parcel,
                      {xmpp::Condition::resource_constraint, "directed presence to too many"});
  }
  hub.route(parcel);
}

bool is_subscription(PresenceType type) {
  return type == PresenceType::subscribe || type == PresenceType::subscribed ||
         type == PresenceType::unsubscribe || type == PresenceType::unsubscribed;
}

// The presence of each available resource of the account, to the contact; false: there is none.
bool send_available(Hub& hub, const Jid& account, std::string_view contact) {
  const router::Owner* owner = hub.routes.find_owner(account.bare_str());
  if (owner == nullptr) return false;
  bool any = false;
  for (router::Slot* slot : std::vector(owner->slots())) {
    Session::Presence* presence = session_of(*slot).presence_if_any();
    if (!slot->available()) continue;
    any = true;
    auto copy = last_of(presence);
    if (copy) send_copy(hub, *copy, slot->jid(), contact);
  }
  return any;
}

// The user's side of sections 3.1.2, 3.1.5, 3.2.2, 3.3.2 and 3.4.
void subscription_from(Hub& hub, Session& session, Parcel& parcel, PresenceType type) {
  const Jid user = session.bare();
  const Jid contact = parcel.to().bare();
  if (contact == user) return hub.drop(parcel, "subscription to oneself");
  auto contacts = contacts_of(hub, session.presence(), user);
  const store::RosterItem* item = contacts->find(contact.str());
  Subscription state = subscription_of(item);
  if (item == nullptr && contacts->listed() >= limits::roster_items_max) {
    return hub.refuse(parcel, {xmpp::Condition::resource_constraint, "the roster is full"});
  }
  SubscriptionStep step = outbound(type, state);
  bool before = from_contact(state);
  if (type == PresenceType::subscribed && !step.pass && !before) {
    // Pre-approval (section 3.4): the approval waits for the request.
    store::RosterItem approved = item != nullptr ? *item : store::RosterItem{.jid = contact.str()};
    approved.approved = approved.listed = true;
    hub.rosters.put(user.local(), std::move(approved));
    return;
  }
  if (type == PresenceType::unsubscribed && item != nullptr && item->approved) {
    store::RosterItem plain = *item;
    plain.approved = false;
    hub.rosters.put(user.local(), std::move(plain));
  }
  // Who loses the right to see presence is told so first.
  if (before && !from_contact(step.next)) send_unavailable(hub, user, contact);
  if (step.pass) {
    xml::Element stanza = parcel.element();
    stanza.set("from", user.str()).set("to", contact.str());
    hub.rosters.set_subscription(user.local(), contact, step.next, {});
    hub.send(stanza, user);
  } else {
    hub.rosters.set_subscription(user.local(), contact, step.next, {});
  }
  if (!before && from_contact(step.next)) send_available(hub, user, contact.str());
}

// To every resource of the account that has asked for the roster or is available.
void deliver_to_resources(Hub& hub, Parcel& parcel, const Jid& account) {
  const router::Owner* owner = hub.routes.find_owner(account.bare_str());
  if (owner == nullptr) return;
  for (router::Slot* slot : std::vector(owner->slots())) {
    Session::Presence* presence = session_of(*slot).presence_if_any();
    if (slot->available() || (presence != nullptr && presence->interested))
      hub.deliver(parcel, *slot);
  }
}

// The contact's side of sections 3.1.3, 3.1.6, 3.2.3 and 3.3.3.
void subscription_for(Hub& hub, Parcel& parcel, PresenceType type) {
  const Jid user = parcel.to().bare();
  const Jid contact = parcel.from().bare();
  if (contact == user) return hub.drop(parcel, "subscription to oneself");
  auto contacts = hub.rosters.of(user.local());
  const store::RosterItem* item = contacts->find(contact.str());
  Subscription state = subscription_of(item);
  SubscriptionStep step = inbound(type, state);
  if (type == PresenceType::subscribe && item != nullptr && item->approved &&
      !from_contact(state)) {
    // Pre-approved: granted without asking.
    Subscription granted = outbound(PresenceType::subscribed, step.next).next;
    store::RosterItem used = *item;
    used.approved = false;
    hub.rosters.put(user.local(), std::move(used));
    hub.rosters.set_subscription(user.local(), contact, granted, {});
    send_subscription(hub, PresenceType::subscribed, user, contact);
    send_available(hub, user, contact.str());
    return;
  }
  if (type == PresenceType::subscribe && step.pass &&
      contacts->items().size() >= 2 * limits::roster_items_max) {
    return hub.drop(parcel, "too many subscription requests");
  }
  bool lost = from_contact(state) && !from_contact(step.next);
  std::string request =
      type == PresenceType::subscribe && step.pass ? parcel.bytes(xml::ns_client) : std::string();
  if (!request.empty() && (request.size() > limits::subscription_request_bytes_max ||
                           !router::relayable(request, xml::ns_client, request.size()))) {
    xml::Element bare("presence", std::string(xml::ns_client));
    bare.set("type", "subscribe").set("from", contact.str()).set("to", user.str());
    request = xml::write(bare, xml::ns_client);
  }
  if (lost) send_unavailable(hub, user, contact);
  if (step.pass) deliver_to_resources(hub, parcel, user);
  hub.rosters.set_subscription(user.local(), contact, step.next, std::move(request));
  if (step.reply) {
    send_subscription(hub, *step.reply, user, contact);
  }
}

// A resource by its full address: whether it is there, and nothing of what it says or of the others.
bool is_available(const Hub& hub, const Jid& full) {
  const router::Slot* slot = hub.routes.find(full.str());
  return slot != nullptr && slot->available();
}

// Section 4.3.2: presence of each available resource to who may see it, or that there is none; nothing to others but
// "unsubscribed", whether the account exists or not. What is not some resource's own presence has the probe's id
// (section 4.3.2.1). When an account was last there is not kept, so it is not said.
void probe_for(Hub& hub, Parcel& parcel) {
  const Jid probed = parcel.to();
  const Jid account = probed.bare();
  const Jid asker = parcel.from();
  const auto answer = [&](PresenceType type, const Jid& from, const Jid& to) {
    xml::Element stanza = xmpp::presence(type, to);
    stanza.set("from", from.str());
    if (!parcel.id().empty()) stanza.set("id", parcel.id());
    hub.send(stanza, from);
  };
  if (!hub.is_local_account(account) || !hub.rosters.may_see_presence(account, asker)) {
    if (asker.bare_str() != account.str()) answer(PresenceType::unsubscribed, account, asker.bare());
    return;
  }
  if (probed.is_full()) {
    const bool there = is_available(hub, probed);
    return answer(there ? PresenceType::available : PresenceType::unavailable, probed, asker);
  }
  if (!send_available(hub, account, asker.str())) answer(PresenceType::unavailable, account, asker);
}

}  // namespace

void presence_from(Hub& hub, Session& session, Parcel& parcel) {
  auto type = xmpp::presence_type_of(parcel.type());
  if (!type) return hub.refuse(parcel, {xmpp::Condition::bad_request, "no such type of presence"});
  if (!parcel.has_to()) {
    if (too_large(parcel)) return refuse_large(hub, parcel);
    if (*type == PresenceType::available) return available(hub, session, parcel);
    if (*type == PresenceType::unavailable) return unavailable(hub, session, parcel.element());
    return hub.drop(parcel, "presence that needs an address");
  }
  if (!parcel.prepare()) return hub.refuse(parcel, {xmpp::Condition::jid_malformed});
  if (is_subscription(*type)) return subscription_from(hub, session, parcel, *type);
  directed(hub, session, parcel, *type);
}

void presence_for_account(Hub& hub, Parcel& parcel) {
  auto type = xmpp::presence_type_of(parcel.type());
  if (!type) return hub.drop(parcel, "unknown type of presence");
  if (*type == PresenceType::probe) return probe_for(hub, parcel);
  if (is_subscription(*type)) return subscription_for(hub, parcel, *type);
}

void session_ended(Hub& hub, const Jid& full, Session::Presence& presence) {
  xml::Element stanza("presence", std::string(xml::ns_client));
  stanza.set("type", "unavailable");
  if (!presence.last.empty()) {
    auto contacts = contacts_of(hub, presence, full.bare());
    broadcast(hub, stanza, full, *contacts);
  }
  for (const Jid& target : presence.directed) send_copy(hub, stanza, full, target.str());
}

void send_subscription(Hub& hub, PresenceType type, const Jid& account, const Jid& contact) {
  xml::Element stanza = xmpp::presence(type, contact);
  stanza.set("from", account.bare_str());
  hub.send(stanza, account.bare());
}

void send_unavailable(Hub& hub, const Jid& account, const Jid& contact) {
  const router::Owner* owner = hub.routes.find_owner(account.bare_str());
  if (owner == nullptr) return;
  for (router::Slot* slot : std::vector(owner->slots())) {
    if (!slot->available()) continue;
    xml::Element stanza = xmpp::presence(PresenceType::unavailable, contact);
    send_copy(hub, stanza, slot->jid(), contact.str());
  }
}

bool tell_when_gone(Hub& hub, const Jid& full, const Jid& watcher) {
  router::Slot* slot = hub.routes.find(full.str());
  if (slot == nullptr) return false;
  Session& session = session_of(*slot);
  return session.presence().directed.contains(watcher) || remember(session, watcher);
}

}  // namespace xbus::server
