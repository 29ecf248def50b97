#include "rpc/registry/watches.hpp"

namespace xbus::registry {

bool Watches::set(const xmpp::Jid& watcher, std::set<std::string> keys) {
  const auto before = keys_.find(watcher);
  const size_t had = before == keys_.end() ? 0 : before->second.size();
  if (count_ - had + keys.size() > limits::watches_max) return false;
  remove(watcher);
  if (keys.empty()) return true;
  for (const std::string& key : keys) watchers_[key].insert(watcher);
  count_ += keys.size();
  keys_.emplace(watcher, std::move(keys));
  return true;
}

bool Watches::remove(const xmpp::Jid& watcher) {
  const auto found = keys_.find(watcher);
  if (found == keys_.end()) return false;
  for (const std::string& key : found->second) {
    auto watchers = watchers_.find(key);
    watchers->second.erase(watcher);
    if (watchers->second.empty()) watchers_.erase(watchers);
  }
  count_ -= found->second.size();
  keys_.erase(found);
  return true;
}

std::vector<xmpp::Jid> Watches::of(const std::string& key) const {
  const auto found = watchers_.find(key);
  if (found == watchers_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace xbus::registry
