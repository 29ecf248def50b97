#include "rpc/registry/dispatches.hpp"

#include "bus/crypto/random.hpp"

namespace xbus::registry {

std::optional<std::string> Dispatches::add(Dispatched call) {
  if (calls_.size() >= limits::dispatched_calls_max) return {};
  std::string token = crypto::random_id();
  deadlines_.emplace(call.deadline, token);
  calls_.emplace(token, std::move(call));
  return token;
}

std::optional<Dispatched> Dispatches::take(std::string_view token, std::string_view id,
                                           const xmpp::Jid& from) {
  const auto call = calls_.find(std::string(token));
  if (call == calls_.end() || call->second.id != id || call->second.instance != from) return {};
  return remove(call);
}

std::vector<Dispatched> Dispatches::take_expired(Time now) {
  std::vector<Dispatched> out;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    out.push_back(remove(calls_.find(deadlines_.begin()->second)));
  return out;
}

std::vector<Dispatched> Dispatches::take_of(const xmpp::Jid& instance) {
  std::vector<Dispatched> out;
  for (auto call = calls_.begin(); call != calls_.end();) {
    const auto next = std::next(call);
    if (call->second.instance == instance) out.push_back(remove(call));
    call = next;
  }
  return out;
}

std::optional<Time> Dispatches::next_deadline() const {
  if (deadlines_.empty()) return {};
  return deadlines_.begin()->first;
}

Dispatched Dispatches::remove(Calls::iterator call) {
  auto [first, last] = deadlines_.equal_range(call->second.deadline);
  while (first != last && first->second != call->first) ++first;
  deadlines_.erase(first);
  Dispatched out = std::move(call->second);
  calls_.erase(call);
  return out;
}

}  // namespace xbus::registry
