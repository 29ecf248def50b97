#include "rpc/registry/names.hpp"

#include <algorithm>

#include "bus/xmpp/jid_escape.hpp"
#include "bus/xmpp/precis_script.hpp"

namespace xbus::registry {

Names::Names(NamePolicy policy) { set_policy(std::move(policy)); }

void Names::set_policy(NamePolicy policy) {
  policy_ = std::move(policy);
  given_.clear();
  for (const auto& [name, owner] : policy_.given)
    if (auto address = service_address(name, policy_.bus_domain))
      given_.emplace(name_of_address(*address), owner);
}

void Names::set(const std::string& key, NameInfo kept) { owned_[key] = std::move(kept); }

void Names::release(const std::string& key) { owned_.erase(key); }

Result<Names::Standing, Refusal> Names::claim(const std::string& key,
                                              const xmpp::Jid& account) const {
  if (owns(key, account)) return Standing::owner;
  if (given_.contains(key) || owned_.contains(key)) return Err{Refusal::conflict};
  const bool local = !account.local().empty() && account.domain() == policy_.bus_domain;
  if (!local || policy_.claim == Claim::policy) return Err{Refusal::forbidden};
  // Made to be taken for the name of another: the operator may give it, nobody takes it.
  if (xmpp::precis::mixes_scripts(key)) return Err{Refusal::forbidden};
  if (count(account) >= policy_.names_per_account_max) return Err{Refusal::resource_constraint};
  return Standing::first;
}

bool Names::owns(const std::string& key, const xmpp::Jid& account) const {
  const auto [first, last] = given_.equal_range(key);
  if (first != last)
    return std::any_of(first, last, [&](const auto& entry) { return entry.second == account; });
  const auto found = owned_.find(key);
  return found != owned_.end() && found->second.owner == account;
}

std::vector<NameInfo> Names::list() const {
  std::vector<NameInfo> out;
  for (const auto& [key, owner] : given_) out.push_back({key, owner, false});
  for (const auto& [key, info] : owned_)
    if (!given_.contains(key)) out.push_back(info);
  std::sort(out.begin(), out.end(),
            [](const NameInfo& a, const NameInfo& b) { return a.name < b.name; });
  return out;
}

std::optional<xmpp::Jid> Names::owner(const std::string& key) const {
  if (auto given = given_.find(key); given != given_.end()) return given->second;
  if (auto owned = owned_.find(key); owned != owned_.end()) return owned->second.owner;
  return {};
}

size_t Names::count(const xmpp::Jid& account) const {
  return size_t(std::count_if(owned_.begin(), owned_.end(),
                              [&](const auto& entry) { return entry.second.owner == account; }) +
                std::count_if(changing_.begin(), changing_.end(),
                              [&](const auto& entry) { return entry.second == account; }));
}

}  // namespace xbus::registry
