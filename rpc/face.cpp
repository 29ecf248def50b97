#include "rpc/face.hpp"

#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/forms.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/pieces.hpp"

namespace xbus {

std::unique_ptr<client::DiscoResponder> make_face(client::Client& client, const Service* service) {
  auto face = std::make_unique<client::DiscoResponder>(client, "urn:xbus:node");
  face->add_identity({"client", "bot", "xbus", ""});
  face->add_feature(std::string(xmpp::ns_ping));
  face->add_feature(std::string(pieces::ns));
  if (!service) return face;
  face->add_identity({"automation", "rpc", service->name(), ""});
  face->add_feature(std::string(jabber_rpc::ns));
  face->add_feature(std::string(ns_call));
  face->add_feature(std::string(xmpp::ns_commands));
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
  face->set_form(std::move(form));
  return face;
}

xml::Element registering_presence(const client::DiscoResponder& face, const Standing& standing) {
  xml::Element presence = xmpp::presence(xmpp::PresenceType::available, {});
  if (standing.state != registry::InstanceState::available)
    presence.add("show").add_text(registry::name_of(standing.state));
  for (const xml::Element& caps : face.caps()) presence.add(caps);
  presence.add(xml::Element("instance", std::string(registry::ns_registry)))
      .set("weight", std::to_string(standing.weight))
      .set("load", std::to_string(standing.load));
  return presence;
}

}  // namespace xbus
