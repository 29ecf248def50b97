// The live instances of every service: what is listed and what it offers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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
  std::string caps;          // the caps it last announced; a new one asks disco#info again
  uint32_t outstanding = 0;  // dispatched calls without an answer
  xmpp::Jid service;         // NAME@services.DOMAIN
};

class Instances {
 public:
  using List = std::map<std::string, Instance>;  // by full JID text

  // Adds or finds; `added` says which. References live until the instance is removed.
  struct Added {
    Instance& instance;
    bool added;
  };
  Added add(const std::string& key, const xmpp::Jid& jid, const xmpp::Jid& service);
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
  std::map<std::string, List> services_;
  std::unordered_map<xmpp::Jid, std::vector<std::string>> keys_;
};

}  // namespace xbus::registry
