#include "bus/server/iq.hpp"

#include "bus/server/admin.hpp"
#include "bus/server/disco.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/monitor.hpp"
#include "bus/server/roster.hpp"
#include "bus/server/server_commands.hpp"
#include "bus/server/small_features.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::server {
namespace {

std::shared_ptr<const xml::Element> head_of(const xml::Element& request, const xmpp::Jid& from,
                                            const xmpp::Jid& to) {
  auto head = std::make_shared<xml::Element>("iq", std::string(xml::ns_client));
  for (const xml::Attribute& attribute : request.attributes()) {
    head->set(attribute.name, attribute.ns, attribute.value);
  }
  head->set("from", from.str());
  if (head->attr("to") == nullptr) head->set("to", to.str());
  return head;
}

}  // namespace

IqAnswer::IqAnswer(Hub& hub, const xml::Element& request, const xmpp::Jid& from,
                   const xmpp::Jid& to)
    : hub_(&hub), head_(head_of(request, from, to)) {}

void IqAnswer::result(std::optional<xml::Element> payload) const {
  hub_->send(xmpp::result_for(*head_, std::move(payload)));
}

void IqAnswer::stored(bool ok) const {
  if (ok) return result();
  error({xmpp::Condition::internal_server_error, "the bus cannot write to its store"});
}

void IqAnswer::error(const xmpp::StanzaError& error) const {
  if (auto answer = xmpp::error_for(*head_, error)) hub_->send(*answer);
}

void add_features(IqHandlers& handlers) {
  add_disco(handlers);
  add_commands(handlers);
  add_ping(handlers);
  add_version(handlers);
  add_time(handlers);
  add_roster(handlers);
  add_admin(handlers);
  add_monitor(handlers);
}

}  // namespace xbus::server
