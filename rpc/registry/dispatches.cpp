#include "rpc/registry/dispatches.hpp"

#include "bus/crypto/random.hpp"

namespace xbus::registry {

std::optional<std::string> Dispatches::add(Dispatched call) {
  if (calls_.size() >= limits::dispatched_calls_max) return {};
  size_t& paid = by_payer_[call.payer];
  if (paid >= limits::dispatched_calls_per_account_max) return {};
  ++paid;
  std::string token = crypto::random_id();
  call.token = token;
  by_caller_.emplace(call.caller.str(), call.call_id, token);
  const auto deadline = deadlines_.emplace(call.deadline, token);
  calls_.emplace(token, Entry{std::move(call), deadline});
  return token;
}

std::optional<Dispatched> Dispatches::take(std::string_view token, std::string_view id,
                                           const xmpp::Jid& from) {
  const auto entry = calls_.find(std::string(token));
  if (entry == calls_.end()) return {};
  const Dispatched& call = entry->second.call;
  if (call.id != id || call.instance != from) return {};
  return remove(entry);
}

std::vector<Dispatched> Dispatches::take_expired(Time now) {
  std::vector<Dispatched> out;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    out.push_back(remove(calls_.find(deadlines_.begin()->second)));
  return out;
}

std::vector<Dispatched> Dispatches::take_of(std::string_view key, const xmpp::Jid& instance) {
  std::vector<Dispatched> out;
  for (auto entry = calls_.begin(); entry != calls_.end();) {
    const auto next = std::next(entry);
    const Dispatched& call = entry->second.call;
    if (call.key == key && call.instance == instance) out.push_back(remove(entry));
    entry = next;
  }
  return out;
}

std::vector<Dispatched> Dispatches::take_from(const xmpp::Jid& caller) {
  std::vector<Dispatched> out;
  for (;;) {
    const auto place = by_caller_.lower_bound(Place(caller.str(), {}, {}));
    if (place == by_caller_.end() || std::get<0>(*place) != caller.str()) return out;
    out.push_back(remove(calls_.find(std::get<2>(*place))));
  }
}

const Dispatched* Dispatches::find(const xmpp::Jid& caller, std::string_view key,
                                   std::string_view call_id) const {
  const std::string id(call_id);
  for (auto place = by_caller_.lower_bound(Place(caller.str(), id, {}));
       place != by_caller_.end() && std::get<0>(*place) == caller.str() && std::get<1>(*place) == id;
       ++place) {
    const Dispatched& call = calls_.at(std::get<2>(*place)).call;
    if (call.key == key) return &call;
  }
  return nullptr;
}

std::optional<Time> Dispatches::next_deadline() const {
  if (deadlines_.empty()) return {};
  return deadlines_.begin()->first;
}

Dispatched Dispatches::remove(Calls::iterator entry) {
  deadlines_.erase(entry->second.deadline);
  Dispatched call = std::move(entry->second.call);
  calls_.erase(entry);
  by_caller_.erase(Place(call.caller.str(), call.call_id, call.token));
  const auto paid = by_payer_.find(call.payer);
  if (--paid->second == 0) by_payer_.erase(paid);
  return call;
}

}  // namespace xbus::registry
