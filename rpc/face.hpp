// What a service shows of itself to those who ask and those who list it: disco#info, caps, the interface form.
#pragma once
#include <cstdint>
#include <memory>

#include "bus/client/client.hpp"
#include "bus/client/disco_responder.hpp"
#include "bus/xml/element.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/service.hpp"

namespace xbus {

// Answers service discovery for the connection: what it serves (identity automation/rpc, features, the form
// urn:xbus:interface:0), or with nullptr that it is a caller only. Methods with an access list of their own are not
// named in the form: whoever may not call them need not know of them.
std::unique_ptr<client::DiscoResponder> make_face(client::Client& client, const Service* service);

struct Standing {
  registry::InstanceState state = registry::InstanceState::available;
  uint32_t weight = 1;
  size_t load = 0;  // calls that run
};
// The presence that registers: state, weight, load and caps. Without `to` and id.
xml::Element registering_presence(const client::DiscoResponder& face, const Standing& standing);

}  // namespace xbus
