#include "bus/server/component_session.hpp"

#include <utility>

#include "bus/server/hub.hpp"

namespace xbus::server {

using xmpp::StreamCondition;

ComponentSession::ComponentSession(Hub& hub, Core& core, std::unique_ptr<net::Transport> transport)
    : Link(hub, core, Kind::component, std::move(transport)),
      stream_(hub.options.stanza_bytes_max, *this) {}

ComponentSession::~ComponentSession() {
  // The domain's quota may go with its hold, and what is queued here is charged to it.
  if (hold_.owner() != nullptr) let_go();
}

std::optional<std::string> ComponentSession::component_secret(std::string_view domain) {
  tried_ = true;
  auto found = hub().component_secrets.find(domain);
  if (found == hub().component_secrets.end()) return {};
  return found->second;
}

bool ComponentSession::attach(const xmpp::Jid& domain) {
  tried_ = false;
  // The bus's own addresses are its accounts'.
  if (domain == hub().domain || !hub().routes.add_domain(domain.str(), *this)) {
    hub().log("warn", "component_conflict", {{"domain", domain.str()}, {"peer", peer().text}});
    return false;
  }
  domain_ = domain.str();
  stamp_ = router::Stamp({}, stream_.header());
  auto& routes = hub().routes;
  hold_ = router::Hold(routes, routes.owner(domain, hub().options.queue_bytes_per_account_max));
  charge_to(hold_.owner()->quota());
  logged_in();
  ++hub().counters.logins;
  hub().guard.logged_in(hub().guard.group_of(peer()), core().loop().now());
  hub().log("info", "component_login", {{"domain", domain_}, {"peer", peer().text}});
  return true;
}

void ComponentSession::deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) {
  if (domain_.empty()) return;
  count_stanza();
  ++hub().counters.stanzas[static_cast<size_t>(stanza.kind)];
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
  if (hub().taps.any()) [[unlikely]]
    hub().taps.see(parcel);
  if (auto error = xmpp::error_of(xmpp::check(stanza))) return hub().refuse(parcel, *error);
  hub().route(parcel);
}

void ComponentSession::close() {
  if (std::exchange(tried_, false)) {
    ++hub().counters.logins_failed;
    hub().log("warn", "component_login_failed", {{"peer", peer().text}});
    hub().login_failed(*this);
  }
  leave();
  close_when_written();
}

void ComponentSession::leave() {
  if (domain_.empty()) return;
  hub().routes.remove_domain(domain_);
  charge_to(hub().prelogin_quota);
  hold_ = router::Hold();
  hub().log("info", "component_gone", {{"domain", domain_}});
  domain_.clear();
}

}  // namespace xbus::server
