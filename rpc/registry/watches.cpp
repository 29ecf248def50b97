#include "rpc/registry/watches.hpp"

namespace xbus::registry {

bool Watches::set(const xmpp::Jid& watcher, const std::string& payer, std::set<std::string> keys) {
  const auto before = keys_.find(watcher);
  const size_t had = before == keys_.end() ? 0 : before->second.keys.size();
  const auto paid = by_payer_.find(payer);
  const size_t pays = paid == by_payer_.end() ? 0 : paid->second;
  if (count_ - had + keys.size() > limits::watches_max) return false;
  if (pays - had + keys.size() > limits::watches_per_account_max) return false;
  remove(watcher);
  if (keys.empty()) return true;
  for (const std::string& key : keys) watchers_[key].insert(watcher);
  count_ += keys.size();
  by_payer_[payer] += keys.size();
  keys_.emplace(watcher, Watched{payer, std::move(keys)});
  return true;
}

bool Watches::remove(const xmpp::Jid& watcher) {
  const auto found = keys_.find(watcher);
  if (found == keys_.end()) return false;
  const auto& [payer, keys] = found->second;
  for (const std::string& key : keys) {
    auto watchers = watchers_.find(key);
    watchers->second.erase(watcher);
    if (watchers->second.empty()) watchers_.erase(watchers);
  }
  count_ -= keys.size();
  const auto paid = by_payer_.find(payer);
  if ((paid->second -= keys.size()) == 0) by_payer_.erase(paid);
  keys_.erase(found);
  return true;
}

std::vector<xmpp::Jid> Watches::of(const std::string& key) const {
  const auto found = watchers_.find(key);
  if (found == watchers_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace xbus::registry
