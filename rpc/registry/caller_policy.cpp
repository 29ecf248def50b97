#include "rpc/registry/caller_policy.hpp"

#include <algorithm>

#include "rpc/registry/protocol.hpp"

namespace xbus::registry {

bool CallerPolicy::right_pattern(std::string_view pattern) { return JidPattern::is_right(pattern); }

Result<CallerPolicy, std::string> CallerPolicy::read(const Written& written) {
  CallerPolicy policy;
  auto callers = rules(written.callers, written.name_callers);
  if (!callers) return Err{callers.error()};
  auto strict = rules(written.strict_callers, written.name_strict_callers);
  if (!strict) return Err{strict.error()};
  policy.callers_ = std::move(*callers);
  policy.strict_ = std::move(*strict);
  return policy;
}

Result<CallerPolicy::Rules, std::string> CallerPolicy::rules(const std::vector<std::string>& all,
                                                             const Lists& names) {
  Rules out;
  auto acl_of = [](const std::vector<std::string>& patterns) -> Result<Acl, std::string> {
    const auto wrong = std::find_if_not(patterns.begin(), patterns.end(), right_pattern);
    if (wrong != patterns.end()) return Err{"\"" + *wrong + "\" is no pattern of callers"};
    return Acl(patterns);
  };
  if (!all.empty()) {
    auto acl = acl_of(all);
    if (!acl) return Err{acl.error()};
    out.all = std::move(*acl);
  }
  for (const auto& [name, patterns] : names) {
    const auto address = service_address(name, "localhost");
    if (!address) return Err{"\"" + name + "\" is no service name"};
    auto acl = acl_of(patterns);
    if (!acl) return Err{acl.error()};
    if (!out.names.emplace(name_of_address(*address), std::move(*acl)).second)
      return Err{"\"" + name + "\" has patterns of callers twice, in two spellings"};
  }
  return out;
}

const Acl* CallerPolicy::Rules::of(const std::string& key) const {
  const auto own = names.find(key);
  if (own != names.end()) return &own->second;
  return all ? &*all : nullptr;
}

bool CallerPolicy::may_call(const xmpp::Jid& caller, const std::string& key) const {
  const Acl* acl = callers_.of(key);
  return !acl || acl->allows(caller);
}

bool CallerPolicy::may_call_strict(const xmpp::Jid& caller, const std::string& key,
                                   std::string_view bus_domain) const {
  if (const Acl* acl = strict_.of(key)) return acl->allows(caller);
  return !caller.local().empty() && caller.domain() == bus_domain;
}

}  // namespace xbus::registry
