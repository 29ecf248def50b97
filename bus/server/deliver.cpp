// Where a stanza goes: the rules of RFC 6120 section 10 and RFC 6121 section 8, spelled once.
#include <utility>

#include "bus/limits.hpp"
#include "bus/router/policy.hpp"
#include "bus/router/splice.hpp"
#include "bus/server/entity_host.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/link.hpp"
#include "bus/server/presence.hpp"
#include "bus/server/session.hpp"

namespace xbus::server {
namespace {

using router::Route;
using xmpp::Condition;
using xmpp::StanzaError;
using Kind = Parcel::Kind;

// A stanza that was good in its sender's stream and would break the receiver's.
StanzaError beyond_limits() {
  return {Condition::policy_violation, "too large with what the stream header declares"};
}

Link& link_of(router::Slot& slot) { return static_cast<Link&>(slot.endpoint()); }

// Made by the server or an entity inside it, to what the receiver has asked. What peers send as an answer may be none.
bool is_own_answer(const Parcel& parcel) {
  return parcel.kind() == Kind::iq && !parcel.is_request() && parcel.link() == nullptr;
}

// An answer for which a queue has no room: as it is, else as an error, else the stream ends (RFC 6120 section 4.9.3.17).
// While it goes on, no request is left without one (section 8.2.3).
void answer_beyond(Hub& hub, Link& link, Parcel& answer) {
  if (link.push_beyond(answer.bytes(link.content_ns()))) return;
  xml::Element error = answer.head();
  error.set("type", "error");
  error.add(xmpp::to_element(StanzaError(xmpp::ErrorType::wait, Condition::resource_constraint,
                                         "too many answers wait to be read")));
  router::move_to_content_ns(error, xml::ns_client, link.content_ns());
  if (link.push_beyond(xml::write(error, link.content_ns()))) return;
  hub.doom(link, xmpp::StreamCondition::resource_constraint, "you ask and do not read");
}

}  // namespace

void Hub::from_session(Session& session, const xml::StanzaView& stanza,
                       const xml::HeaderView& header) {
  ++counters.stanzas[static_cast<size_t>(stanza.kind)];
  Parcel parcel(stanza, header, session.stamp(), session.jid(), &session);
  if (auto fault = xmpp::check(stanza); fault != xmpp::StanzaFault::none) {
    if (fault == xmpp::StanzaFault::unsupported_stanza) {
      return doom(session, xmpp::StreamCondition::unsupported_stanza_type);
    }
    if (taps.any()) [[unlikely]]
      taps.see(parcel);
    if (auto error = xmpp::error_of(fault)) refuse(parcel, *error);
    return;
  }
  if (taps.any()) [[unlikely]]
    taps.see(parcel);
  if (stanza.kind == Kind::presence) return presence_from(*this, session, parcel);
  // Without an address it is for the sender's own account (RFC 6120 section 10.3).
  if (!parcel.has_to()) {
    parcel.set_to(session.bare());
    return route_local(parcel);
  }
  route(parcel);
}

void Hub::send(const xml::Element& stanza) {
  auto from = xmpp::Jid::parse(stanza.attr_or("from", {}));
  if (from) send(stanza, *from);
}

void Hub::send(const xml::Element& stanza, const xmpp::Jid& from) {
  Parcel parcel(stanza, from);
  if (!parcel.has_to()) return drop(parcel, "no address");
  if (taps.any()) [[unlikely]]
    taps.see(parcel);
  route(parcel);
}

void Hub::route(Parcel& parcel) {
  // The common case: an exact full JID. Any iq and any message goes to a connected resource it
  // names.
  if (parcel.kind() != Kind::presence) {
    if (router::Slot* slot = routes.find(parcel.to_text())) {
      if (parcel.kind() == Kind::message) parcel.set_to(slot->jid());
      deliver(parcel, *slot);
      return;
    }
  }
  if (!parcel.prepare())
    return refuse(parcel, {Condition::jid_malformed, "the address cannot be prepared"});
  if (parcel.to().domain() == options.domain) return route_local(parcel);
  if (router::Endpoint* endpoint = routes.find_domain(parcel.to().domain()))
    return to_domain(parcel, *endpoint);
  if (component_secrets.contains(parcel.to().domain())) {
    return refuse(parcel, {xmpp::ErrorType::wait, Condition::service_unavailable,
                           "the component is not connected"});
  }
  refuse(parcel, {Condition::remote_server_not_found, "no such domain here"});
}

void Hub::to_domain(Parcel& parcel, router::Endpoint& endpoint) {
  Taken taken = endpoint.kind() == router::Endpoint::Kind::entity
                    ? static_cast<EntityHost&>(endpoint).push(parcel)
                    : static_cast<Link&>(endpoint).push(parcel);
  if (taken == Taken::yes) {
    ++counters.delivered;
    return;
  }
  if (taken == Taken::unfit) return refuse(parcel, beyond_limits());
  ++counters.over_quota;
  if (parcel.kind() == Kind::presence) return drop(parcel, "queue full");
  if (is_own_answer(parcel) && endpoint.kind() == router::Endpoint::Kind::component)
    return answer_beyond(*this, static_cast<Link&>(endpoint), parcel);
  refuse(parcel,
         {xmpp::ErrorType::wait, Condition::resource_constraint, "the receiver does not keep up"});
}

router::Owner* Hub::payer_of(const Parcel& parcel) {
  if (Link* link = parcel.link()) {
    if (router::Owner* owner = link->owner()) return owner;
  }
  return routes.find_owner(parcel.from().bare_str());
}

void Hub::route_local(Parcel& parcel) {
  switch (parcel.kind()) {
    case Kind::iq:
      return route_iq(parcel);
    case Kind::message:
      return route_message(parcel);
    case Kind::presence:
      return route_presence(parcel);
    case Kind::other:
      return drop(parcel, "no stanza");
  }
}

bool Hub::is_local_account(const xmpp::Jid& jid) const {
  return accounts.exists(jid.local()) || routes.find_owner(jid.bare_str()) != nullptr;
}

namespace {

router::Addressee addressee_of(const Hub& hub, const xmpp::Jid& to) {
  router::Addressee addressee;
  addressee.full = to.is_full();
  addressee.account_exists = hub.is_local_account(to);
  addressee.connected = addressee.full && hub.routes.find(to.str()) != nullptr;
  if (const router::Owner* owner = hub.routes.find_owner(to.bare_str())) {
    for (const router::Slot* slot : owner->slots()) {
      addressee.any_available |= slot->available();
      addressee.any_non_negative |= slot->available() && slot->priority() >= 0;
    }
  }
  return addressee;
}

}  // namespace

void Hub::route_iq(Parcel& parcel) {
  auto type = xmpp::iq_type_of(parcel.type());
  if (!type) return refuse(parcel, {Condition::bad_request});
  const xmpp::Jid to = parcel.to();
  IqHandlers::For whom = IqHandlers::For::server;
  if (!to.local().empty()) {
    switch (router::route_iq(*type, addressee_of(*this, to))) {
      case Route::resource:
        deliver(parcel, *routes.find(to.str()));
        return;
      case Route::account:
        whom = IqHandlers::For::account;
        break;
      case Route::unavailable:
        return refuse(parcel, {Condition::service_unavailable});
      default:
        return drop(parcel, "nobody waits for it");
    }
  } else if (!parcel.is_request()) {
    return drop(parcel, "an answer to the server");
  } else if (to.is_full()) {
    return refuse(parcel, {Condition::service_unavailable});
  }
  IqHandlers::Handler handler = handlers.find(whom, parcel.payload_ns());
  if (handler == nullptr) return refuse(parcel, {Condition::service_unavailable});
  if (parcel.size() > limits::answered_bytes_max) {
    return refuse(parcel, {Condition::policy_violation, "too large a request"});
  }
  xml::Element iq = parcel.element();
  const xml::Element* payload = iq.first_element();
  if (payload == nullptr) return refuse(parcel, {Condition::bad_request});
  const xmpp::Jid from = parcel.from();
  handler(*this, {*payload, *type == xmpp::IqType::set, from, to}, IqAnswer(*this, iq, from, to));
}

void Hub::route_message(Parcel& parcel) {
  const xmpp::Jid& to = parcel.to();
  if (to.local().empty()) return drop(parcel, "a message to the server");
  auto type = xmpp::message_type_of(parcel.type());
  switch (router::route_message(type, addressee_of(*this, to))) {
    case Route::resource:
      deliver(parcel, *routes.find(to.str()));
      return;
    case Route::most_available:
      deliver(parcel, *routes.find_owner(to.bare_str())->most_available());
      return;
    case Route::all_non_negative:
      for (router::Slot* slot : routes.find_owner(to.bare_str())->slots()) {
        if (slot->available() && slot->priority() >= 0) deliver(parcel, *slot);
      }
      return;
    case Route::offline:
      return store_offline(*this, parcel);
    case Route::unavailable:
      return refuse(parcel, {Condition::service_unavailable});
    default:
      return drop(parcel, "as the delivery rules say");
  }
}

void Hub::route_presence(Parcel& parcel) {
  const xmpp::Jid& to = parcel.to();
  if (to.local().empty()) return drop(parcel, "presence to the server");
  auto type = xmpp::presence_type_of(parcel.type());
  if (!type) return refuse(parcel, {Condition::bad_request});
  switch (router::route_presence(*type, addressee_of(*this, to))) {
    case Route::resource:
      deliver(parcel, *routes.find(to.str()));
      return;
    case Route::all_available:
      for (router::Slot* slot : routes.find_owner(to.bare_str())->slots()) {
        if (slot->available()) deliver(parcel, *slot);
      }
      return;
    case Route::account:
      return presence_for_account(*this, parcel);
    default:
      return drop(parcel, "as the delivery rules say");
  }
}

bool Hub::deliver(Parcel& parcel, router::Slot& slot) {
  Taken taken = link_of(slot).push(parcel);
  if (taken == Taken::yes) {
    ++counters.delivered;
    return true;
  }
  if (taken == Taken::unfit) {
    refuse(parcel, beyond_limits());
    return false;
  }
  ++counters.over_quota;
  if (parcel.kind() == Kind::presence) {
    drop(parcel, "queue full");
  } else if (is_own_answer(parcel)) {
    answer_beyond(*this, link_of(slot), parcel);
  } else if (parcel.kind() == Kind::message && parcel.type() != "error" &&
             parcel.type() != "groupchat" && parcel.type() != "headline" &&
             !parcel.to().local().empty()) {
    store_offline(*this, parcel);
  } else {
    refuse(parcel, {xmpp::ErrorType::wait, Condition::resource_constraint,
                    "the receiver does not keep up"});
  }
  return false;
}

void Hub::refuse(Parcel& parcel, const StanzaError& error) {
  if (!parcel.may_be_refused()) return drop(parcel, "an error never answers an error");
  ++counters.refused;
  ++counters.refused_with[error.condition];
  // The payload does not come back, so no tree is made of it.
  xml::Element stanza = parcel.head();
  auto answer = xmpp::error_for(stanza, error);
  if (!answer) return drop(parcel, "an error never answers it");
  if (taps.any()) [[unlikely]]
    see_refusal(parcel, *answer);
  if (Link* link = parcel.link()) {
    std::string_view ns = link->content_ns();
    router::move_to_content_ns(*answer, xml::ns_client, ns);
    const std::string text = xml::write(*answer, ns);
    if (link->push(text)) return;
    ++counters.over_quota;
    if (parcel.kind() == Kind::iq && !link->push_beyond(text))
      doom(*link, xmpp::StreamCondition::resource_constraint, "you ask and do not read");
    return;
  }
  // Made inside or by an entity: by the routes. What is no address there is not answered.
  auto from = xmpp::Jid::parse(answer->attr_or("from", {}));
  Parcel back(*answer, from ? *from : domain);
  if (!from) answer->set("from", domain.str());
  if (back.has_to()) route(back);
}

// As the sender of the refused stanza is told: in the name of whom it was for.
void Hub::see_refusal(const Parcel& refused, const xml::Element& answer) {
  const auto named = xmpp::Jid::parse(answer.attr_or("from", {}));
  const xmpp::Jid from = named ? *named : refused.has_to() ? domain : refused.from().bare();
  Parcel seen(answer, from);
  taps.see(seen);
}

void Hub::drop(const Parcel& parcel, std::string_view why) {
  ++counters.dropped;
  ++counters.dropped_for[why];
  log("debug", "dropped",
      {{"from", parcel.from().str()},
       {"to", std::string(parcel.to_text())},
       {"why", std::string(why)}});
}

void Hub::undelivered(const xml::Element& stanza) {
  auto from = xmpp::Jid::parse(stanza.attr_or("from", {}));
  if (!from) return;
  Parcel parcel(stanza, *from);
  if (!parcel.has_to() || !parcel.prepare()) return;
  if (!router::relayable(xml::write(stanza, xml::ns_client), xml::ns_client,
                         options.stanza_bytes_max))
    return refuse(parcel, beyond_limits());
  // The session has left the routes: the rules for an address without a resource do the rest.
  if (parcel.to().domain() == options.domain && parcel.kind() != Kind::presence)
    route_local(parcel);
}

}  // namespace xbus::server
