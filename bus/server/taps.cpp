#include "bus/server/taps.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bus/limits_monitors.hpp"
#include "bus/server/admin_payloads.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/session.hpp"
#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/datetime.hpp"

namespace xbus::server {
namespace {

using xmpp::Condition;
using xmpp::Jid;
using xmpp::StanzaError;
using Kind = xml::StanzaView::Kind;

Session& session_of(const router::Slot& slot) {
  return static_cast<Session&>(static_cast<Link&>(slot.endpoint()));
}

// Account administration, in-band registration (XEP-0077) and the login before SASL (XEP-0078).
bool is_secret(std::string_view ns) {
  constexpr std::array<std::string_view, 3> secret = {ns_admin, "jabber:iq:register",
                                                      "jabber:iq:auth"};
  return std::find(secret.begin(), secret.end(), ns) != secret.end();
}

bool is_name_byte(char c) {
  return c == '-' || c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// An element of that name stands somewhere, whatever its prefix: names hold no references, and no
// '<' stands in an attribute's value.
bool holds_element(std::string_view text, std::string_view name) {
  for (size_t at = 0; (at = text.find(name, at)) != std::string_view::npos; at += name.size()) {
    size_t before = at;
    if (before > 0 && text[before - 1] == ':') {
      --before;
      while (before > 0 && is_name_byte(text[before - 1])) --before;
    }
    const size_t behind = at + name.size();
    const bool ends = behind == text.size() || (!is_name_byte(text[behind]) && text[behind] != ':');
    if (ends && before > 0 && text[before - 1] == '<') return true;
  }
  return false;
}

// What a tree must be made for: an error that brings its request back behind itself, and the
// commands of Service Administration (XEP-0133).
bool tree_is_secret(const Parcel& parcel) {
  if (parcel.kind() != Kind::iq) return false;
  const bool command = parcel.payload_ns() == xmpp::ns_commands;
  if (!command && parcel.type() != "error") return false;
  const xml::Element tree = parcel.element();
  for (const xml::Element* child : tree.elements()) {
    if (is_secret(child->ns())) return true;
    if (child->ns() == xmpp::ns_commands &&
        child->attr_or("node", {}).starts_with("http://jabber.org/protocol/admin#"))
      return true;
  }
  return false;
}

std::string without_payload(const Parcel& parcel, std::string reason) {
  xml::Element head = parcel.head();
  head.add(to_element(Omitted{std::move(reason), std::string(parcel.payload_ns()),
                              std::string(parcel.payload_name())}));
  return xml::write(head, xml::ns_client);
}

constexpr std::string_view closing = "</message>";

}  // namespace

std::vector<Taps::Tap>::iterator Taps::find(const router::Slot& slot) {
  return std::find_if(taps_.begin(), taps_.end(),
                      [&](const Tap& tap) { return tap.slot == &slot; });
}

Result<TapScope, StanzaError> Taps::start(const router::Slot& slot, const TapStart& wanted) {
  const bool admin = hub_.is_admin(slot.jid());
  const TapScope scope = wanted.scope.value_or(admin ? TapScope::all : TapScope::own);
  if (scope == TapScope::all && !admin)
    return Err{StanzaError(Condition::forbidden, "only admins see what is not their own")};
  auto tap = find(slot);
  if (tap == taps_.end()) {
    const auto of_account = std::count_if(taps_.begin(), taps_.end(), [&](const Tap& other) {
      return &other.slot->owner() == &slot.owner();
    });
    if (static_cast<size_t>(of_account) >= limits::monitors_per_account_max)
      return Err{StanzaError(Condition::resource_constraint, "too many monitors of this account")};
    if (taps_.size() >= limits::monitors_max - (admin ? 0 : limits::monitors_for_admins))
      return Err{StanzaError(Condition::resource_constraint, "too many monitors")};
    tap = taps_.insert(taps_.end(), Tap{&slot, scope, {}, {}, {}, 0});
  }
  std::string opening = "<message type='headline' from='";
  xml::escape_attribute(opening, hub_.domain.str());
  opening += "' to='";
  xml::escape_attribute(opening, slot.jid().str());
  opening += "'>";
  *tap = Tap{&slot, scope, wanted.filter, std::move(opening), {}, 0};
  hub_.log("info", "monitor_started",
           {{"jid", slot.jid().str()},
            {"scope", std::string(name_of(scope))},
            {"filter", xml::write(to_element(wanted), ns_monitor)}});
  return scope;
}

std::optional<Taps::Ended> Taps::stop(const router::Slot& slot) {
  auto tap = find(slot);
  if (tap == taps_.end()) return {};
  const Ended ended = tap->so_far;
  hub_.log("info", "monitor_ended",
           {{"jid", slot.jid().str()},
            {"shown", std::to_string(ended.shown)},
            {"missed", std::to_string(ended.missed)}});
  taps_.erase(tap);
  return ended;
}

void Taps::admins_changed() {
  for (Tap& tap : taps_) {
    if (!hub_.is_admin(tap.slot->jid())) tap.scope = TapScope::own;
  }
}

Seen Taps::seen_of(const Parcel& parcel) const {
  Seen seen{.kind = parcel.kind(),
            .type = parcel.type(),
            .payload_ns = parcel.payload_ns(),
            .payload_name = parcel.payload_name(),
            .from = parcel.from(),
            .to = {}};
  if (!parcel.has_to()) {
    // RFC 6120 section 10.3: it is for the sender's account, or with presence for whom that may
    // concern.
    if (parcel.kind() != Kind::presence) seen.to = parcel.from().bare();
  } else if (const router::Slot* slot = hub_.routes.find(parcel.to_text())) {
    seen.to = slot->jid();
  } else if (auto to = Jid::parse(parcel.to_text())) {
    seen.to = std::move(*to);
  }
  return seen;
}

bool Taps::belongs(const Jid& asked, const Jid& address) const {
  if (address.empty()) return false;
  if (stands_for(asked, address)) return true;
  const router::Slot* slot = hub_.routes.find(address.str());
  if (slot == nullptr) return false;
  const Session::Presence* presence = session_of(*slot).presence_if_any();
  return presence != nullptr && presence->directed.contains(asked);
}

bool Taps::concerns(const Tap& tap, const Seen& seen) const {
  if (seen.from == tap.slot->jid() || seen.to == tap.slot->jid()) return false;
  if (tap.scope == TapScope::own) {
    const std::string_view own = tap.slot->owner().bare().str();
    if (seen.from.bare_str() != own && seen.to.bare_str() != own) return false;
  }
  if (!passes(tap.filter, seen)) return false;
  const auto& with = tap.filter.with;
  return with.empty() || std::any_of(with.begin(), with.end(), [&](const Jid& asked) {
           return belongs(asked, seen.from) || belongs(asked, seen.to);
         });
}

std::string Taps::forwarded(Parcel& parcel) const {
  // A prefix keeps the default namespace, so that the stanza's bytes mean what they meant.
  std::string before =
      "<f:forwarded xmlns:f='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='" +
      xmpp::format_datetime(hub_.wall()) + "'/>";
  constexpr std::string_view behind = "</f:forwarded>";
  std::string stanza;
  bool secret = is_secret(parcel.payload_ns()) || tree_is_secret(parcel);
  bool fits = parcel.write_to(stanza, xml::ns_client, hub_.options.stanza_bytes_max) == Taken::yes;
  if (!secret && fits) secret = holds_element(stanza, "password");
  if (!secret && fits) {
    // Two levels deeper it may be too deep, with our own around it too large.
    const std::string whole =
        "<message>" + before + stanza + std::string(behind) + std::string(closing);
    constexpr size_t opening_max = 6 * 3 * limits::jid_part_bytes_max;
    fits = whole.size() + opening_max <=
               hub_.options.stanza_bytes_max + limits::stanza_bytes_stamped_max &&
           router::relayable(whole, xml::ns_client, hub_.options.stanza_bytes_max);
  }
  if (secret || !fits) stanza = without_payload(parcel, secret ? "secret" : "too-large");
  return before + stanza + std::string(behind);
}

void Taps::see(Parcel& parcel) {
  if (blind_ || parcel.kind() == Kind::other) return;
  const Seen seen = seen_of(parcel);
  // Requests about taps are no more seen than their answers.
  if (seen.kind == Kind::iq && seen.payload_ns == ns_monitor && seen.to == hub_.domain) return;
  // A client that answers what it is shown with errors would be shown those.
  if (seen.kind == Kind::message && seen.type == "error" && seen.to == hub_.domain) return;
  std::string text;
  for (Tap& tap : taps_) {
    if (!concerns(tap, seen)) continue;
    if (text.empty()) text = forwarded(parcel);
    show(tap, text);
  }
}

void Taps::show(Tap& tap, std::string_view forwarded) {
  Session& session = session_of(*tap.slot);
  std::string message = tap.opening;
  if (tap.untold != 0)
    message += "<tapped xmlns='" + std::string(ns_monitor) + "' missed='" +
               std::to_string(tap.untold) + "'/>";
  message += forwarded;
  message += closing;
  if (session.waiting() + message.size() <= limits::monitor_queue_bytes_max && session.push(message)) {
    tap.untold = 0;
    ++tap.so_far.shown;
    ++hub_.counters.tapped;
    return;
  }
  ++tap.untold;
  ++tap.so_far.missed;
  ++hub_.counters.tap_missed;
}

void Taps::tell_missed(const router::Slot& slot) {
  auto tap = find(slot);
  if (tap == taps_.end() || tap->untold == 0) return;
  Session& session = session_of(slot);
  const std::string message = tap->opening + "<tapped xmlns='" + std::string(ns_monitor) +
                              "' missed='" + std::to_string(tap->untold) + "'/>" +
                              std::string(closing);
  if (session.waiting() + message.size() <= limits::monitor_queue_bytes_max && session.push(message))
    tap->untold = 0;
}

}  // namespace xbus::server
