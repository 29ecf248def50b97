// Messages to a service address: one-way calls, and callers that give a call up.
#include "bus/xmpp/stanza.hpp"
#include "rpc/chat.hpp"
#include "rpc/error_table.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/registry.hpp"
#include "rpc/registry/relay.hpp"

namespace xbus::registry {

// Anything but ours has nobody to read it here; RFC 6120 section 8.4 lets an entity ignore it. Ours have no answer.
void Registry::on_message(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since) {
  if (is_chat(stanza)) return pass_chat(stanza, from, to, since);
  if (xmpp::message_type(stanza) != xmpp::MessageType::headline) return;
  if (to.local().empty() || to.is_full()) return;
  if (const xml::Element* cancel = stanza.first("cancel", ns_call)) {
    // Found by the caller's full JID: nobody gives up the call of another.
    const std::string* id = cancel->attr("id");
    if (!id || cancel_waiting(from, key_of(to), *id)) return;
    if (const Dispatched* call = dispatches_.find(from, key_of(to), *id)) pass_cancel(*call);
  } else if (stanza.first("notify", ns_call)) {
    pass_notify(stanza, from, to, since);
  }
}

void Registry::pass_notify(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since) {
  const xml::Element* query = stanza.first("notify", ns_call)->first("query", jabber_rpc::ns);
  const std::string key = key_of(to);
  if (!query || !visible(from, key)) return;
  const auto metadata = read_metadata(*query);
  if (!metadata) return;
  const Duration left = metadata->deadline.value_or(limits::call_time_default) - (now() - since);
  if (since < now() && left <= Duration::zero()) return;
  auto instance =
      choose({.key = key, .method = method_of(*query), .caller = from, .with_metadata = true});
  if (!instance) {
    if (instance.error().undescribed) wait_for_description(key, stanza, since);
    return;
  }
  xml::Element told = *query;
  restate(told, {from, true, left});
  xml::Element onward = xmpp::message(xmpp::MessageType::headline, (*instance)->info.jid);
  onward.set("from", to.str());
  onward.add(xml::Element("notify", std::string(ns_call))).add(std::move(told));
  send(std::move(onward));
}

// The instance answers that the call is cancelled, and that goes back as any answer does. One that does not know our
// feature works on, and the call is under way until it answers.
void Registry::pass_cancel(const Dispatched& call) {
  if (!call.takes_cancel) return;
  xml::Element onward = xmpp::message(xmpp::MessageType::headline, call.instance);
  onward.set("from", call.service.bare().str() + "/" + call.token);
  onward.add(xml::Element("cancel", std::string(ns_call))).set("id", call.id);
  send(std::move(onward));
}

// Nobody has it yet, so it ends here, as the error table has it.
bool Registry::cancel_waiting(const xmpp::Jid& caller, const std::string& key, const std::string& call_id) {
  const auto waiting = undescribed_.take_call(key, caller.str(), call_id);
  if (!waiting) return false;
  if (const auto stanza = xml::parse(waiting->text))
    answer(*stanza, xbus::stanza_error(FaultKind::cancelled, "given up before it began"));
  return true;
}

// A caller that is gone waits for nothing.
void Registry::cancel_all_of(const xmpp::Jid& caller) {
  undescribed_.forget(caller.str());
  for (const Dispatched& call : dispatches_.take_from(caller)) {
    pass_cancel(call);
    settle(call);
  }
  arm_deadline();
}

}  // namespace xbus::registry
