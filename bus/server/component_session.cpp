#include "bus/server/component_session.hpp"

#include <utility>

#include "bus/server/hub.hpp"

namespace xbus::server {

using xmpp::StreamCondition;

ComponentSession::ComponentSession(Hub& hub, Core& core, std::unique_ptr<net::Transport> transport)
    : Link(hub, core, Kind::component, std::move(transport)),
      quota_(hub.options.queue_bytes_per_account_max),
      stream_(hub.options.stanza_bytes_max, *this) {}

ComponentSession::~ComponentSession() {
  // What is queued is charged to this object's own quota, which goes first.
  outbox().charge_to(hub().prelogin_quota);
}

std::optional<std::string> ComponentSession::component_secret(std::string_view domain) {
  auto found = hub().component_secrets.find(domain);
  if (found == hub().component_secrets.end()) return {};
  return found->second;
}

bool ComponentSession::attach(const xmpp::Jid& domain) {
  if (!hub().routes.add_domain(domain.str(), *this)) {
    hub().log("warn", "component_conflict", {{"domain", domain.str()}, {"peer", peer().text}});
    return false;
  }
  domain_ = domain.str();
  stamp_ = router::Stamp({}, stream_.header());
  outbox().charge_to(quota_);
  logged_in();
  hub().log("info", "component_login", {{"domain", domain_}, {"peer", peer().text}});
  return true;
}

void ComponentSession::deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) {
  if (domain_.empty()) return;
  if (xmpp::check(stanza) == xmpp::StanzaFault::unsupported_stanza) {
    return hub().doom(*this, StreamCondition::unsupported_stanza_type);
  }
  // Both addresses must be there, and `from` inside its own domain (COMP-03).
  if (!stanza.from.present() || !stanza.to.present())
    return hub().doom(*this, StreamCondition::improper_addressing);
  std::string text = xml::unescape_attribute(stanza.from.value);
  auto from = xmpp::Jid::parse(text);
  if (!from || from->domain() != domain_) return hub().doom(*this, StreamCondition::invalid_from);
  // Receivers see addresses in their prepared form only.
  router::Stamp canonical;
  bool as_sent = from->str() == stanza.from.value;
  if (!as_sent) {
    canonical = router::Stamp(from->str());
    canonical.lang = stamp_.lang;
  }
  Parcel parcel(stanza, header, as_sent ? stamp_ : canonical, *from, this);
  if (auto error = xmpp::error_of(xmpp::check(stanza))) return hub().refuse(parcel, *error);
  hub().route(parcel);
}

void ComponentSession::close() {
  leave();
  close_when_written();
}

void ComponentSession::leave() {
  if (domain_.empty()) return;
  hub().routes.remove_domain(domain_);
  outbox().charge_to(hub().prelogin_quota);
  hub().log("info", "component_gone", {{"domain", domain_}});
  domain_.clear();
}

}  // namespace xbus::server
