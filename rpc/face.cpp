#include "rpc/face.hpp"

#include <algorithm>

#include "bus/xmpp/caps.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/introspection.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus {

namespace {
constexpr std::string_view caps_node = "urn:xbus:node";
}

xmpp::DiscoInfo face_of(const Service* service) {
  xmpp::DiscoInfo face;
  face.identities.push_back({"client", "bot", "xbus", ""});
  if (service) face.identities.push_back({"automation", "rpc", service->name(), ""});
  face.features = {std::string(xmpp::ns_disco_info), std::string(xmpp::ns_caps), std::string(xmpp::ns_caps2),
                   std::string(xmpp::ns_ping)};
  if (!service) return face;
  face.features.emplace_back(jabber_rpc::ns);
  face.features.emplace_back(ns_call);
  xmpp::Form form = xmpp::make_form(xmpp::FormType::result, registry::form_interface);
  form.add("name", service->name());
  form.add("version", service->version());
  form.add("hash", service->describe().hash());
  xmpp::Field methods;
  methods.var = "methods";
  methods.type = xmpp::FieldType::text_multi;
  for (const auto& [name, method] : service->methods())
    if (!method.is_restricted()) methods.values.push_back(name);
  form.fields.push_back(std::move(methods));
  face.forms.push_back(std::move(form));
  return face;
}

std::optional<xml::Element> answer_info(const xml::Element& query, const xmpp::DiscoInfo& face) {
  const std::string node(query.attr_or("node", ""));
  const auto caps = xmpp::make_caps(caps_node, face);
  bool ours = node.empty() || (caps && node == caps->disco_node());
  if (const auto hash = xmpp::caps_hash_of_node(node))
    for (const auto algorithm : {crypto::Hash::sha256, crypto::Hash::sha3_256})
      ours |= xmpp::caps2_hash(face, algorithm) == hash;
  if (!ours) return {};
  xmpp::DiscoInfo answer = face;
  answer.node = node;
  return xmpp::to_element(answer);
}

xml::Element registering_presence(const xmpp::DiscoInfo& face, registry::InstanceState state, uint32_t weight) {
  xml::Element presence = xmpp::presence(xmpp::PresenceType::available, {});
  if (state != registry::InstanceState::available)
    presence.add("show").add_text(registry::name_of(state));
  if (const auto caps = xmpp::make_caps(caps_node, face)) presence.add(xmpp::to_element(*caps));
  if (auto caps2 = xmpp::make_caps2(face)) presence.add(std::move(*caps2));
  presence.add(xml::Element("instance", std::string(registry::ns_registry))).set("weight", std::to_string(weight));
  return presence;
}

}  // namespace xbus
