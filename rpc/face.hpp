// What a service shows of itself to those who ask and those who list it: disco#info, caps, the interface form.
#pragma once
#include <optional>

#include "bus/xml/element.hpp"
#include "bus/xmpp/disco.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/service.hpp"

namespace xbus {

// The disco#info of a connection that serves `service`, or none (nullptr): identity, features and the form
// urn:xbus:interface:0. Methods with an access list of their own are not named in it: whoever may not call them need
// not know of them.
xmpp::DiscoInfo face_of(const Service* service);

// The payload that answers a disco#info request: for no node, or for the node of our own caps. nullopt for any other
// node (item-not-found).
std::optional<xml::Element> answer_info(const xml::Element& query, const xmpp::DiscoInfo& face);

// The presence that registers: state, weight and caps. Without `to` and id.
xml::Element registering_presence(const xmpp::DiscoInfo& face, registry::InstanceState state, uint32_t weight);

}  // namespace xbus
