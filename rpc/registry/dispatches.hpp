// Calls that the registry has passed on and that have no answer yet.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

struct Dispatched {
  xmpp::Jid caller;
  std::string caller_id;  // the id of the caller's iq
  xmpp::Jid service;      // NAME@services.DOMAIN, as the caller addressed it
  std::string key;
  xmpp::Jid instance;
  std::string id;         // of the iq sent on
  Time deadline{};
};

// Each pending call has a token, the resource of the address it is sent from: unpredictable, used once.
class Dispatches {
 public:
  // The token; nullopt when limits::dispatched_calls_max are under way.
  std::optional<std::string> add(Dispatched call);
  // The call that this answer is for: token, id and instance must all be right (RPC-24). Ends it.
  std::optional<Dispatched> take(std::string_view token, std::string_view id, const xmpp::Jid& from);
  // Ends and returns what is past its deadline, and what an instance that is gone held.
  std::vector<Dispatched> take_expired(Time now);
  std::vector<Dispatched> take_of(const xmpp::Jid& instance);

  std::optional<Time> next_deadline() const;
  size_t size() const { return calls_.size(); }

 private:
  using Calls = std::unordered_map<std::string, Dispatched>;
  Dispatched remove(Calls::iterator call);

  Calls calls_;
  std::multimap<Time, std::string> deadlines_;
};

}  // namespace xbus::registry
