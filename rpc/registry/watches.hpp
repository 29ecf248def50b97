// Who wants to know about which names.
#pragma once
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "bus/limits.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

// Keys are prepared names, watchers full JIDs; each pair counts against limits::watches_max.
class Watches {
 public:
  // Replaces what the watcher watches. False, and nothing changes, when there would be too many.
  bool set(const xmpp::Jid& watcher, std::set<std::string> keys);
  // True when it watched anything.
  bool remove(const xmpp::Jid& watcher);
  bool watching(const xmpp::Jid& watcher) const { return keys_.contains(watcher); }

  std::vector<xmpp::Jid> of(const std::string& key) const;
  const std::unordered_map<xmpp::Jid, std::set<std::string>>& all() const { return keys_; }

 private:
  std::unordered_map<xmpp::Jid, std::set<std::string>> keys_;
  std::map<std::string, std::set<xmpp::Jid>> watchers_;
  size_t count_ = 0;
};

}  // namespace xbus::registry
