// Front: what the ways to a service beside Jabber-RPC (chat messages, command forms) need of the place where it is
// served.
#pragma once
#include <functional>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/key_memory.hpp"

namespace xbus {

struct Front {
  using Told = std::function<void(const Outcome&)>;

  // Sends a stanza; false when it cannot go (offline, or larger than the server takes).
  std::function<bool(const xml::Element&)> send;
  // Whether the sender may make this call; what is not there is as the service's own list says.
  std::function<bool(const xmpp::Jid& from, const jabber_rpc::Request&)> admits;
  // Makes it: Callee::ask.
  std::function<void(const xmpp::Jid& from, jabber_rpc::Request, Told)> ask;
};

}  // namespace xbus
