// The live instances of every service: what is listed and what it offers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/registry/protocol.hpp"

namespace xbus::registry {

// One registration: an instance under one name. A session may hold several names.
struct Instance {
  InstanceInfo info;
  std::string spelling;      // of the name, as its interface form says; empty until known
  bool confirmed = false;    // heard since the registry started; others are not listed
  bool rpc = false;          // its disco#info has jabber:iq:rpc
  bool takes_metadata = false;  // its disco#info has our call feature: on-behalf-of may be sent
  bool described = false;    // disco#info has been answered: everything above is known
  Time describes_by{};       // until then calls wait for that answer
  std::string caps;          // the caps it last announced; a new one asks disco#info again
  uint32_t outstanding = 0;  // dispatched calls without an answer
  xmpp::Jid service;         // NAME@services.DOMAIN
  std::string payer;         // whose limits it counts against: the instance's account, or its domain
};

class Instances {
 public:
  using List = std::map<std::string, Instance>;  // by full JID text

  // May this payer add one more under the name? False beyond limits::instances_per_name_max and instances_per_account_max.
  bool room(const std::string& key, const std::string& payer) const;
  // Adds or finds; `added` says which. References live until the instance is removed.
  struct Added {
    Instance& instance;
    bool added;
  };
  struct Who {
    const std::string& key;
    const xmpp::Jid& jid;
    const xmpp::Jid& service;
    const std::string& payer;
  };
  Added add(const Who& who);
  // What it says of its methods. Nothing is kept beyond limits::interface_bytes_per_account_max of its payer.
  void set_methods(Instance& instance, std::vector<std::string> methods);
  bool remove(const std::string& key, const xmpp::Jid& jid);

  Instance* find(const std::string& key, const xmpp::Jid& jid);
  List* of(const std::string& key);  // instances may be changed, not added or removed
  const List* of(const std::string& key) const;
  const std::map<std::string, List>& all() const { return services_; }
  // The keys under which this party is listed.
  std::vector<std::string> keys_of(const xmpp::Jid& jid) const;

  // What callers are shown of a service: the spelling of the first described instance, mixed where hashes differ.
  ServiceInfo describe(const std::string& key) const;

 private:
  struct Paid {
    size_t instances = 0;
    size_t bytes = 0;  // of the names of their methods
  };
  std::map<std::string, List> services_;
  std::unordered_map<std::string, Paid> by_payer_;
  std::unordered_map<xmpp::Jid, std::vector<std::string>> keys_;
};

}  // namespace xbus::registry
