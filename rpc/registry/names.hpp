// Who owns which name: the operator's policy first, else the local account that registered it first.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits.hpp"
#include "bus/result.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/registry/protocol.hpp"

namespace xbus::registry {

// Who may take a name that nobody owns.
enum class Claim : uint8_t {
  policy,  // nobody: the operator gives names (a bus on TCP)
  first,   // the local account that first registers it (a per-user socket)
};

struct NamePolicy {
  Claim claim = Claim::policy;
  std::string bus_domain = "localhost";  // accounts of this domain are local
  size_t names_per_account_max = limits::names_per_account_max;
  // Names that the operator's configuration gives: name, bare owner. They cannot be released over the bus. A name may
  // be given to several owners.
  std::vector<std::pair<std::string, xmpp::Jid>> given;
};

// Why a claim is refused; each is the stanza error of the same name.
enum class Refusal : uint8_t { conflict, forbidden, resource_constraint };

// Keys are prepared names: the localpart of the service address, unescaped.
class Names {
 public:
  // Called with a name and its owner, nullopt when released, so that it can be kept.
  using Keep = std::function<void(const std::string& key, std::optional<NameInfo>)>;

  Names(NamePolicy policy, Keep keep);

  // Another policy from now on; what is owned stays owned.
  void set_policy(NamePolicy policy);

  // What was kept, read back at start; never refused.
  void restore(const std::string& key, NameInfo kept);

  // May `account` (bare) run instances of the name? Takes the name where policy lets the first one have it; never one
  // that mixes alphabets.
  Result<void, Refusal> claim(const std::string& key, const xmpp::Jid& account);
  // The same without taking anything: for topics and for looking.
  bool owns(const std::string& key, const xmpp::Jid& account) const;

  // The operator's word: replaces the owner. False for a name that the configuration gives.
  bool give(const std::string& key, const std::string& name, const xmpp::Jid& owner);
  // False when nobody owned it, or the configuration gives it.
  bool release(const std::string& key);

  std::vector<NameInfo> list() const;  // by name; `live` is not filled in
  std::optional<xmpp::Jid> owner(const std::string& key) const;

 private:
  size_t count(const xmpp::Jid& account) const;

  NamePolicy policy_;
  Keep keep_;
  std::map<std::string, NameInfo> owned_;
  std::multimap<std::string, xmpp::Jid> given_;
};

}  // namespace xbus::registry
