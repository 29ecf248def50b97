// Who may see and call which service through the registry: lists of caller patterns.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xmpp/jid.hpp"
#include "rpc/acl.hpp"

namespace xbus::registry {

// A value. What a service itself refuses comes on top; admins and the owners of a name pass may_call() in any case.
class CallerPolicy {
 public:
  // Patterns as in rpc/acl.hpp, by service name.
  using Lists = std::map<std::string, std::vector<std::string>>;

  // The lists as the operator writes them. A name's own list replaces the one for all names.
  struct Written {
    std::vector<std::string> callers = {};         // of any service; empty: everyone
    std::vector<std::string> strict_callers = {};  // of instances that cannot be told who calls; empty: accounts of the bus
    Lists name_callers = {};                       // of one service; an empty list allows nobody
    Lists name_strict_callers = {};
  };
  // The error names the service name of which no address can be made, or the pattern that is none.
  static Result<CallerPolicy, std::string> read(const Written& written);
  static bool right_pattern(std::string_view pattern);

  // Everyone may call, and accounts of the bus's domain may call strict instances.
  CallerPolicy() = default;

  // May the caller see the service, and call instances that are told who calls? `key` is a prepared name.
  bool may_call(const xmpp::Jid& caller, const std::string& key) const;
  // May it reach instances that cannot be told who calls? The registry's word is the only check there.
  bool may_call_strict(const xmpp::Jid& caller, const std::string& key, std::string_view bus_domain) const;

 private:
  struct Rules {
    std::optional<Acl> all;
    std::map<std::string, Acl> names;
    // The list that counts for the name; nullptr where nothing is said.
    const Acl* of(const std::string& key) const;
  };
  static Result<Rules, std::string> rules(const std::vector<std::string>& all, const Lists& names);

  Rules callers_, strict_;
};

}  // namespace xbus::registry
