// What the registry keeps over a restart, and how it is written down: tables of the store.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bus/xmpp/jid.hpp"
#include "rpc/registry/instances.hpp"
#include "rpc/registry/protocol.hpp"

namespace xbus::store {
class Store;
}

namespace xbus::registry {

// nullopt removes the name. `done` tells whether it is on disk; from any thread.
void keep_name(store::Store& store, const std::string& key, const std::optional<NameInfo>& name,
               std::function<void(bool ok)> done);
// Of the others nobody waits for the write: losing one costs a ping after the next start, never a wrong answer.
void keep_instance(store::Store& store, const std::string& key, const Instance& instance);
void forget_instance(store::Store& store, const std::string& key, const xmpp::Jid& jid);
// An empty set removes the watch.
void keep_watch(store::Store& store, const xmpp::Jid& watcher, const std::set<std::string>& keys);

// Everything kept. Entries that cannot be read are left out: one bad entry must not stop the start.
struct Kept {
  struct Name {
    std::string key;
    NameInfo info;
  };
  struct Listed {
    std::string key;
    InstanceInfo info;
  };
  struct Watch {
    xmpp::Jid watcher;
    std::set<std::string> keys;
  };
  std::vector<Name> names;
  std::vector<Listed> instances;
  std::vector<Watch> watches;
};
Kept read_kept(store::Store& store);

}  // namespace xbus::registry
