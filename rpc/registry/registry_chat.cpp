// Messages to a service's address: passed on to an instance, whose answers find back under the service's name.
#include "rpc/chat.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

void Registry::pass_chat(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to, Time since) {
  if (to.is_domain() || !from.is_full()) return;
  if (to.is_full()) {
    const Conversation* conversation = conversations_.answered(to.resource(), from, now());
    if (!conversation) return;
    xml::Element back = stanza;
    back.set("from", conversation->service.str()).set("to", conversation->person.str());
    return send(std::move(back));
  }
  // What answers is not asked again: two programs that answer each other would never end.
  if (!is_question(stanza)) return;
  const std::string key = key_of(to);
  if (!visible(from, key)) return answer(stanza, xmpp::Condition::forbidden);
  const Conversation* conversation = conversations_.find(from, key, now());
  const Instance* instance = conversation ? instances_.find(key, conversation->instance) : nullptr;
  if (!instance || !instance->confirmed) {
    // Only those with our feature can be told who speaks.
    const auto chosen = choose({.key = key, .method = {}, .caller = from, .with_metadata = true});
    if (!chosen) {
      if (chosen.error().undescribed && wait_for_description(key, stanza, since)) return;
      return answer(stanza, chosen.error().why);
    }
    instance = *chosen;
    conversation = &conversations_.begin(from, to, key, instance->info.jid, now());
  }
  send(relayed_question(stanza, conversation->service.str() + "/" + conversation->token, instance->info.jid, from));
}

}  // namespace xbus::registry
