#include "bus/server/disco.hpp"

#include "bus/server/hub.hpp"
#include "bus/server/server_commands.hpp"
#include "bus/xmpp/caps.hpp"
#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/disco.hpp"

namespace xbus::server {
namespace {

using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::string_view caps_node = "urn:xbus:xbusd";

bool is_get(const IqRequest& request) { return !request.set && request.payload.name() == "query"; }

xmpp::DiscoInfo server_info(const IqHandlers& handlers) {
  xmpp::DiscoInfo info;
  info.identities = {{"server", "im", "xbusd", {}}};
  info.features = handlers.namespaces(IqHandlers::For::server);
  info.features.emplace_back("msgoffline");
  return info;
}

void answer_info(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  if (!is_get(request)) return answer.error(StanzaError(Condition::service_unavailable));
  std::string node(request.payload.attr_or("node", {}));
  xmpp::DiscoInfo info;
  if (request.to.local().empty() && node == counters_node && hub.is_admin(request.from)) {
    info = xmpp::command_info(counters_node, "Counters");
  } else if (request.to.local().empty()) {
    info = server_info(hub.handlers);
    // The node of our caps stands for the same information (XEP-0115 section 6.2); its hash is made for no other request.
    if (!node.empty()) {
      auto caps = xmpp::make_caps(caps_node, info);
      if (!caps || node != caps->disco_node())
        return answer.error(StanzaError(Condition::item_not_found));
    }
    info.node = node;
  } else {
    if (!hub.rosters.may_see_presence(request.to, request.from)) {
      return answer.error(StanzaError(Condition::service_unavailable));
    }
    if (!node.empty()) return answer.error(StanzaError(Condition::item_not_found));
    info.identities = {{"account", "registered", {}, {}}};
    info.features = hub.handlers.namespaces(IqHandlers::For::account);
  }
  answer.result(xmpp::to_element(info));
}

void answer_items(Hub& hub, const IqRequest& request, const IqAnswer& answer) {
  if (!is_get(request)) return answer.error(StanzaError(Condition::service_unavailable));
  const std::string_view node = request.payload.attr_or("node", {});
  if (node == xmpp::ns_commands && request.to.local().empty()) {
    xmpp::DiscoItems commands{std::string(node), {}, {}};
    if (hub.is_admin(request.from))
      commands.items.push_back({hub.domain, std::string(counters_node), "Counters"});
    return answer.result(xmpp::to_element(commands));
  }
  if (!node.empty())
    return answer.error(StanzaError(Condition::item_not_found));
  xmpp::DiscoItems items;
  if (request.to.local().empty()) {
    for (const std::string& domain : hub.routes.domains()) {
      if (auto jid = xmpp::Jid::parse(domain)) items.items.push_back({*jid, {}, {}});
    }
  } else if (hub.rosters.may_see_presence(request.to, request.from)) {
    if (const router::Owner* owner = hub.routes.find_owner(request.to.str())) {
      for (const router::Slot* slot : owner->slots()) {
        if (slot->available()) items.items.push_back({slot->jid(), {}, {}});
      }
    }
  } else {
    return answer.error(StanzaError(Condition::service_unavailable));
  }
  answer.result(xmpp::to_element(items));
}

}  // namespace

std::optional<xml::Element> server_caps(const IqHandlers& handlers) {
  auto caps = xmpp::make_caps(caps_node, server_info(handlers));
  if (!caps) return {};
  return xmpp::to_element(*caps);
}

void add_disco(IqHandlers& handlers) {
  for (auto whom : {IqHandlers::For::server, IqHandlers::For::account}) {
    handlers.add(whom, xmpp::ns_disco_info, answer_info);
    handlers.add(whom, xmpp::ns_disco_items, answer_items);
  }
}

}  // namespace xbus::server
