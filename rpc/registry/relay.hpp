// What a call looks like after it has passed the registry.
#pragma once
#include <string>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

// The method of a Jabber-RPC request; empty where `query` is something else, which the instance then answers.
std::string method_of(const xml::Element& query);

struct Relayed {
  const xmpp::Jid& caller;
  bool takes_metadata = false;  // the instance has our feature
  Duration left{};              // until the deadline
};
// What a relay received about the caller is not its word: taken out, and put in anew where the instance reads it. A
// strict instance sees no metadata at all. The id is the caller's own name of the call and goes too: the instance knows
// it by the id of the registry's iq.
void restate(xml::Element& query, const Relayed& how);

}  // namespace xbus::registry
