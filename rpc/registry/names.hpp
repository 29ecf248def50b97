// Who owns which name: the operator's policy first, else the local account that registered it first.
#pragma once
#include <cstdint>
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
  explicit Names(NamePolicy policy);

  // Another policy from now on; what is owned stays owned.
  void set_policy(NamePolicy policy);

  // What the store has: read back at start, or written just now; never refused.
  void set(const std::string& key, NameInfo kept);
  void release(const std::string& key);

  // A change of the name's owner is being written down, to `owner` (empty: nobody); it counts against that account.
  void begin(const std::string& key, const xmpp::Jid& owner) { changing_[key] = owner; }
  void end(const std::string& key) { changing_.erase(key); }
  bool changing(const std::string& key) const { return changing_.contains(key); }

  // May `account` (bare) run instances of the name? As its owner, or because nobody owns it and policy lets the first
  // one have it, who is to be written down then; never one that mixes alphabets.
  enum class Standing : uint8_t { owner, first };
  Result<Standing, Refusal> claim(const std::string& key, const xmpp::Jid& account) const;
  bool owns(const std::string& key, const xmpp::Jid& account) const;
  // The configuration gives the name: it is neither given nor released over the bus.
  bool configured(const std::string& key) const { return given_.contains(key); }

  std::vector<NameInfo> list() const;  // by name; `live` is not filled in
  std::optional<xmpp::Jid> owner(const std::string& key) const;

 private:
  size_t count(const xmpp::Jid& account) const;

  NamePolicy policy_;
  std::map<std::string, NameInfo> owned_;
  std::map<std::string, xmpp::Jid> changing_;
  std::multimap<std::string, xmpp::Jid> given_;
};

}  // namespace xbus::registry
