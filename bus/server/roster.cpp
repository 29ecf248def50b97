#include "bus/server/roster.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/limits.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/presence.hpp"
#include "bus/server/session.hpp"

namespace xbus::server {
namespace {

using store::RosterItem;
using xmpp::Condition;
using xmpp::StanzaError;

constexpr uint8_t bit_to = 1, bit_from = 2;

size_t bytes_of(const RosterItem& item) {
  size_t bytes = item.jid.size() + item.name.size() + item.request.size();
  for (const std::string& group : item.groups) bytes += group.size();
  return std::max(bytes, roster_change_bytes);
}

}  // namespace

Contacts::Contacts(const store::Roster& kept) : version_(kept.version) {
  for (const RosterItem& item : kept.items) {
    items_.emplace(item.jid, item);
    listed_ += item.listed;
  }
}

const RosterItem* Contacts::find(std::string_view bare) const {
  auto found = items_.find(bare);
  return found == items_.end() ? nullptr : &found->second;
}

Subscription subscription_of(const RosterItem* item) {
  if (item == nullptr) return Subscription::none;
  return subscription_of((item->subscription & bit_to) != 0, (item->subscription & bit_from) != 0,
                         item->ask, !item->request.empty());
}

std::shared_ptr<Contacts> Rosters::of(std::string_view local) {
  auto& place = loaded_[std::string(local)];
  if (auto contacts = place.lock()) return contacts;
  auto contacts = std::make_shared<Contacts>(store_.roster(local));
  place = contacts;
  if (loaded_.size() > prune_at_) {
    std::erase_if(loaded_, [](const auto& entry) { return entry.second.expired(); });
    prune_at_ = std::max<size_t>(1024, loaded_.size() * 2);
  }
  return contacts;
}

// The roster stays in memory until the write is done, so that nobody reads it from the store
// before.
store::Store::Done Rosters::when_written(std::string_view local, std::shared_ptr<Contacts> contacts,
                                         const RosterItem& item, Done done) {
  const size_t bytes = bytes_of(item);
  contacts->unwritten_ += bytes;
  return hub_.on_main([local = std::string(local), contacts = std::move(contacts), bytes,
                       done = std::move(done)](Hub& later, bool ok) {
    contacts->unwritten_ -= bytes;
    if (!ok && !std::exchange(contacts->failed_, true))
      later.log_unwritten("roster_store_failed", {"account", local});
    if (contacts->unwritten_ == 0 && std::exchange(contacts->failed_, false))
      later.rosters.take_back(local, *contacts);
    if (done) done(later, ok);
  });
}

void Rosters::take_back(std::string_view local, Contacts& contacts) {
  Contacts kept(store_.roster(local));
  auto wrong = std::exchange(contacts.items_, std::move(kept.items_));
  contacts.listed_ = kept.listed_;
  for (const auto& [jid, item] : contacts.items_) {
    auto found = wrong.find(jid);
    const bool same = found != wrong.end() && found->second == item;
    const bool was_listed = found != wrong.end() && found->second.listed;
    if (found != wrong.end()) wrong.erase(found);
    if (!same && (item.listed || was_listed)) push(local, item, !item.listed, ++contacts.version_);
  }
  for (const auto& [jid, item] : wrong)
    if (item.listed) push(local, item, true, ++contacts.version_);
}

void Rosters::put(std::string_view local, RosterItem item, Done done) {
  auto contacts = of(local);
  const RosterItem* before = contacts->find(item.jid);
  bool was_listed = before != nullptr && before->listed;
  bool seen = item.listed || was_listed;
  if (seen) ++contacts->version_;
  contacts->listed_ += item.listed;
  contacts->listed_ -= was_listed;
  contacts->items_[item.jid] = item;
  store_.put_roster_item(local, item, contacts->version_,
                         when_written(local, contacts, item, std::move(done)));
  if (item.listed) push(local, item, false, contacts->version_);
  if (!item.listed && was_listed) push(local, item, true, contacts->version_);
}

void Rosters::remove(std::string_view local, std::string_view bare, Done done) {
  auto contacts = of(local);
  auto found = contacts->items_.find(bare);
  if (found == contacts->items_.end()) return done ? done(hub_, true) : void();
  RosterItem item = std::move(found->second);
  contacts->items_.erase(found);
  if (item.listed) ++contacts->version_;
  contacts->listed_ -= item.listed;
  store_.remove_roster_item(local, bare, contacts->version_,
                            when_written(local, contacts, item, std::move(done)));
  if (item.listed) push(local, item, true, contacts->version_);
}

void Rosters::set_subscription(std::string_view local, const xmpp::Jid& contact, Subscription state,
                               std::string request) {
  auto contacts = of(local);
  const RosterItem* before = contacts->find(contact.str());
  RosterItem item = before != nullptr ? *before : RosterItem{.jid = contact.str()};
  item.subscription =
      static_cast<uint8_t>((to_contact(state) ? bit_to : 0) | (from_contact(state) ? bit_from : 0));
  item.ask = pending_out(state);
  if (!pending_in(state)) item.request.clear();
  if (pending_in(state) && !request.empty()) item.request = std::move(request);
  // "None + Pending In" alone does not make an item that clients see (appendix A.1).
  if (state != Subscription::none && state != Subscription::none_in) item.listed = true;
  if (!item.listed && item.request.empty() && !item.approved) return remove(local, contact.str());
  if (before != nullptr && *before == item) return;
  if (before != nullptr && before->listed == item.listed &&
      before->subscription == item.subscription && before->ask == item.ask && item.listed) {
    // Only what clients do not see has changed: kept, not pushed.
    contacts->items_[item.jid] = item;
    store_.put_roster_item(local, item, contacts->version_,
                           when_written(local, contacts, item, {}));
    return;
  }
  put(local, std::move(item));
}

bool Rosters::may_see_presence(const xmpp::Jid& account, const xmpp::Jid& who) {
  if (who.bare_str() == account.bare_str()) return true;
  auto contacts = of(account.local());
  return from_contact(subscription_of(contacts->find(who.bare_str())));
}

xml::Element roster_item(const RosterItem& item) {
  static constexpr std::string_view names[] = {"none", "to", "from", "both"};
  xml::Element element("item", std::string(ns_roster));
  element.set("jid", item.jid);
  if (!item.name.empty()) element.set("name", item.name);
  element.set("subscription", names[item.subscription & 3]);
  if (item.ask) element.set("ask", "subscribe");
  if (item.approved) element.set("approved", "true");
  for (const std::string& group : item.groups) element.add("group").add_text(group);
  return element;
}

void Rosters::push(std::string_view local, const RosterItem& item, bool removed, uint64_t version) {
  auto bare = xmpp::Jid::make(local, hub_.options.domain);
  if (!bare) return;
  const router::Owner* owner = hub_.routes.find_owner(bare->str());
  if (owner == nullptr) return;
  xml::Element query("query", std::string(ns_roster));
  query.set("ver", std::to_string(version));
  xml::Element& entry =
      query.add(removed ? xml::Element("item", std::string(ns_roster)) : roster_item(item));
  if (removed) entry.set("jid", item.jid).set("subscription", "remove");
  for (router::Slot* slot : owner->slots()) {
    auto& session = static_cast<Session&>(slot->endpoint());
    Session::Presence* presence = session.presence_if_any();
    if (presence == nullptr || !presence->interested) continue;
    // Without `from`: it comes from the user's own account (section 2.1.6).
    xml::Element push = xmpp::iq(xmpp::IqType::set, crypto::random_id(9), slot->jid(), query);
    if (hub_.taps.any()) [[unlikely]] {
      Parcel seen(push, *bare);
      hub_.taps.see(seen);
    }
    session.push(xml::write(push, xml::ns_client));
  }
}

// ---- The requests of clients ----

namespace {

Session* session_of(Hub& hub, const xmpp::Jid& full) {
  router::Slot* slot = hub.routes.find(full.str());
  return slot == nullptr ? nullptr : static_cast<Session*>(static_cast<Link*>(&slot->endpoint()));
}

void answer_get(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  auto contacts = hub.rosters.of(request.to.local());
  if (Session* session = session_of(hub, request.from)) session->presence().interested = true;
  std::string version = std::to_string(contacts->version());
  // Unchanged since the version that the client has (section 2.6.3).
  const std::string* known = request.payload.attr("ver");
  if (known != nullptr && *known == version) return answer.result();
  xml::Element query("query", std::string(ns_roster));
  query.set("ver", version);
  for (const auto& [jid, item] : contacts->items()) {
    if (item.listed) query.add(roster_item(item));
  }
  answer.result(std::move(query));
}

// Removing a contact ends the subscriptions both ways (section 2.5.2).
void remove_contact(Hub& hub, const IqRequest& request, const xmpp::Jid& contact,
                    const IqAnswer& answer) {
  auto contacts = hub.rosters.of(request.to.local());
  const RosterItem* item = contacts->find(contact.str());
  if (item == nullptr || !item->listed) return answer.error(StanzaError(Condition::item_not_found));
  Subscription state = subscription_of(item);
  bool was_to = to_contact(state) || pending_out(state);
  bool was_from = from_contact(state) || pending_in(state);
  hub.rosters.remove(
      request.to.local(), contact.str(),
      [answer, was_to, was_from, account = request.to, contact](Hub& later, bool ok) {
        answer.stored(ok);
        if (!ok) return;
        using Type = xmpp::PresenceType;
        if (was_to) send_subscription(later, Type::unsubscribe, account, contact);
        if (!was_from) return;
        send_unavailable(later, account, contact);
        send_subscription(later, Type::unsubscribed, account, contact);
      });
}

void answer_set(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  const xml::Element* asked = request.payload.first("item", ns_roster);
  if (asked == nullptr || request.payload.element_count() != 1) {
    return answer.error(StanzaError(Condition::bad_request, "a roster set holds one item"));
  }
  auto contact = xmpp::Jid::parse(asked->attr_or("jid", {}));
  if (!contact) return answer.error(StanzaError(Condition::jid_malformed));
  *contact = contact->bare();
  if (hub.rosters.of(request.to.local())->unwritten() >=
      limits::roster_items_max * roster_change_bytes)
    return answer.error({Condition::resource_constraint, "too many changes at once"});
  if (asked->attr_or("subscription", {}) == "remove")
    return remove_contact(hub, request, *contact, answer);
  if (contact->str() == request.to.str()) return answer.error(StanzaError(Condition::not_allowed));
  auto contacts = hub.rosters.of(request.to.local());
  const RosterItem* before = contacts->find(contact->str());
  RosterItem item = before != nullptr ? *before : RosterItem{.jid = contact->str()};
  if (!item.listed && contacts->listed() >= limits::roster_items_max) {
    return answer.error(StanzaError(Condition::resource_constraint, "the roster is full"));
  }
  item.listed = true;
  item.name = asked->attr_or("name", {});
  if (item.name.size() > limits::jid_part_bytes_max)
    return answer.error(StanzaError(Condition::not_acceptable));
  item.groups.clear();
  std::set<std::string> seen;
  for (const xml::Element* group : asked->elements("group", ns_roster)) {
    std::string name = group->text();
    if (name.empty() || name.size() > limits::jid_part_bytes_max ||
        item.groups.size() >= limits::roster_groups_max) {
      return answer.error(StanzaError(Condition::not_acceptable));
    }
    if (!seen.insert(name).second)
      return answer.error(StanzaError(Condition::bad_request, "a group twice"));
    item.groups.push_back(std::move(name));
  }
  hub.rosters.put(request.to.local(), std::move(item),
                  [answer](Hub&, bool ok) { answer.stored(ok); });
}

// A roster is its account's business alone (section 2.1.5: forbidden, section 2.2).
void answer_roster(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  if (request.from.bare_str() != request.to.str())
    return answer.error(StanzaError(Condition::forbidden));
  if (request.payload.name() != "query")
    return answer.error(StanzaError(Condition::service_unavailable));
  // Whoever works with the roster keeps it in memory.
  if (Session* session = session_of(hub, request.from)) {
    session->presence().contacts = hub.rosters.of(request.to.local());
  }
  if (request.set) return answer_set(hub, request, answer);
  answer_get(hub, request, answer);
}

}  // namespace

void add_roster(IqHandlers& handlers) {
  handlers.add(IqHandlers::For::account, ns_roster, answer_roster);
}

}  // namespace xbus::server
