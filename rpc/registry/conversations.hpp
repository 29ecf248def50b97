// Conversations: who writes to which instance through a service's address, so that the answers find back.
#pragma once
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

struct Conversation {
  xmpp::Jid person;    // full
  xmpp::Jid service;   // NAME@services.DOMAIN
  std::string key;     // of the service
  xmpp::Jid instance;  // who answers
  std::string token;   // the resource that the instance sees: unpredictable
  Time last{};         // when something was said
};

// Bounded by limits::conversations_max; the one that has been silent longest goes first, and each after
// limits::conversation_time_max of silence.
class Conversations {
 public:
  // The conversation of this person with this service; nullptr when there is none.
  const Conversation* find(const xmpp::Jid& person, const std::string& key, Time now);
  // Begins one, in place of the last one of these two.
  const Conversation& begin(xmpp::Jid person, xmpp::Jid service, std::string key, xmpp::Jid instance, Time now);
  // The one that an answer to this token belongs to; nullptr when it does not come from the instance.
  const Conversation* answered(std::string_view token, const xmpp::Jid& instance, Time now);
  size_t size() const { return order_.size(); }

 private:
  using Order = std::list<Conversation>;  // silent longest first
  void touch(Order::iterator place, Time now);
  void remove(Order::iterator place);
  void expire(Time now);

  Order order_;
  std::map<std::pair<std::string, std::string>, Order::iterator> of_;  // (person, key)
  std::unordered_map<std::string, Order::iterator> by_token_;
};

}  // namespace xbus::registry
