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

// Keys are prepared names, watchers full JIDs; each pair counts against limits::watches_max, and against
// watches_per_account_max of its payer: the watcher's account, or its domain.
class Watches {
 public:
  // Replaces what the watcher watches. False, and nothing changes, when there would be too many.
  bool set(const xmpp::Jid& watcher, const std::string& payer, std::set<std::string> keys);
  // True when it watched anything.
  bool remove(const xmpp::Jid& watcher);
  bool watching(const xmpp::Jid& watcher) const { return keys_.contains(watcher); }
  size_t size() const { return count_; }  // each name of each watcher

  std::vector<xmpp::Jid> of(const std::string& key) const;

 private:
  struct Watched {
    std::string payer;
    std::set<std::string> keys;
  };
  std::unordered_map<xmpp::Jid, Watched> keys_;
  std::unordered_map<std::string, size_t> by_payer_;
  std::map<std::string, std::set<xmpp::Jid>> watchers_;
  size_t count_ = 0;
};

}  // namespace xbus::registry
