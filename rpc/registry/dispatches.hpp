// Calls that the registry has passed on and that have no answer yet.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

struct Dispatched {
  xmpp::Jid caller;
  std::string payer;      // whose limit it counts against: the caller's account, or its domain
  std::string caller_id;  // the id of the caller's iq
  std::string call_id;    // what the caller's <cancel/> names: Metadata::id, else the id of its iq
  xmpp::Jid service;      // NAME@services.DOMAIN, as the caller addressed it
  std::string key;
  xmpp::Jid instance;
  bool takes_cancel = false;  // the instance has our feature
  std::string id;             // of the iq sent on
  Time deadline{};
  std::string token = {};     // given by add()
};

// Each pending call has a token, the resource of the address it is sent from: unpredictable, used once.
class Dispatches {
 public:
  // The token; nullopt when limits::dispatched_calls_max are under way, or dispatched_calls_per_account_max of the payer.
  std::optional<std::string> add(Dispatched call);
  // The call that this answer is for: token, id and instance must all be right (RPC-24). Ends it.
  std::optional<Dispatched> take(std::string_view token, std::string_view id, const xmpp::Jid& from);
  // Ends and returns what is past its deadline, what an instance that is gone held under that name, and what a
  // caller that is gone waited for.
  std::vector<Dispatched> take_expired(Time now);
  std::vector<Dispatched> take_of(std::string_view key, const xmpp::Jid& instance);
  std::vector<Dispatched> take_from(const xmpp::Jid& caller);
  // The call to that service which this caller knows by that id; nullptr when there is none.
  const Dispatched* find(const xmpp::Jid& caller, std::string_view key, std::string_view call_id) const;

  std::optional<Time> next_deadline() const;
  size_t size() const { return calls_.size(); }

 private:
  using Deadlines = std::multimap<Time, std::string>;
  struct Entry {
    Dispatched call;
    Deadlines::iterator deadline;
  };
  using Calls = std::unordered_map<std::string, Entry>;
  using Place = std::tuple<std::string, std::string, std::string>;  // caller, call id, token
  Dispatched remove(Calls::iterator call);

  Calls calls_;  // by token
  Deadlines deadlines_;
  std::set<Place> by_caller_;
  std::unordered_map<std::string, size_t> by_payer_;
};

}  // namespace xbus::registry
