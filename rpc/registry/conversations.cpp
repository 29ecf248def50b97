#include "rpc/registry/conversations.hpp"

#include "bus/crypto/random.hpp"

namespace xbus::registry {

const Conversation* Conversations::find(const xmpp::Jid& person, const std::string& key, Time now) {
  expire(now);
  const auto found = of_.find({person.str(), key});
  if (found == of_.end()) return nullptr;
  touch(found->second, now);
  return &*found->second;
}

const Conversation& Conversations::begin(xmpp::Jid person, xmpp::Jid service, std::string key, xmpp::Jid instance,
                                         Time now) {
  if (const auto old = of_.find({person.str(), key}); old != of_.end()) remove(old->second);
  if (order_.size() >= limits::conversations_max) remove(order_.begin());
  order_.push_back({std::move(person), std::move(service), std::move(key), std::move(instance),
                    crypto::random_id(12), now});
  const auto place = std::prev(order_.end());
  of_[{place->person.str(), place->key}] = place;
  by_token_[place->token] = place;
  return *place;
}

const Conversation* Conversations::answered(std::string_view token, const xmpp::Jid& instance, Time now) {
  expire(now);
  const auto found = by_token_.find(std::string(token));
  if (found == by_token_.end() || !(found->second->instance == instance)) return nullptr;
  touch(found->second, now);
  return &*found->second;
}

void Conversations::touch(Order::iterator place, Time now) {
  place->last = now;
  order_.splice(order_.end(), order_, place);
}

void Conversations::remove(Order::iterator place) {
  of_.erase({place->person.str(), place->key});
  by_token_.erase(place->token);
  order_.erase(place);
}

void Conversations::expire(Time now) {
  while (!order_.empty() && now - order_.front().last > limits::conversation_time_max) remove(order_.begin());
}

}  // namespace xbus::registry
