#include "bus/client/component.hpp"

#include <utility>

#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

Component::Component(net::Loop& loop, Options options, xmpp::Entity& entity)
    : Component(loop, std::move(options), entity, nullptr) {}

Component::Component(net::Loop& loop, Options options, xmpp::Entity& entity,
                     std::function<std::unique_ptr<net::Transport>()> make_transport)
    : entity_(entity), client_(loop, std::move(options), std::move(make_transport)) {
  client_.on_state([this](State state) { on_state(state); });
  client_.on_stanza([this](const xml::Element& stanza) { entity_.on_stanza(stanza); });
}

Component::~Component() {
  *alive_ = false;
  if (connected_) entity_.on_disconnected();
}

void Component::on_state(State state) {
  if (state == State::online) {
    connected_ = true;
    entity_.on_connected(*this);
  } else if (std::exchange(connected_, false)) {
    entity_.on_disconnected();
  }
}

void Component::send(const xml::Element& stanza) {
  if (client_.send(stanza) || client_.state() != State::online) return;
  // Too large for the server, or too much waits: whoever waits for it is told.
  const xmpp::StanzaError too_large(xmpp::Condition::policy_violation, "the stanza is too large for the server");
  if (xmpp::iq_type(stanza) == xmpp::IqType::result) {
    // The answer itself cannot go, so an error goes in its place.
    xml::Element instead("iq", std::string(xml::ns_client));
    for (const char* name : {"from", "to", "id"})
      if (const std::string* value = stanza.attr(name)) instead.set(name, *value);
    (void)client_.send(instead.set("type", "error").with(xmpp::to_element(too_large)));
    return;
  }
  auto refused = xmpp::error_for(stanza, too_large);
  if (!refused) return;
  client_.loop().post([this, alive = alive_, refusal = std::move(*refused)] {
    if (*alive && connected_) entity_.on_stanza(refusal);
  });
}

}  // namespace xbus::client
