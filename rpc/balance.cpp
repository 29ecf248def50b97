#include "rpc/balance.hpp"

#include <algorithm>

namespace xbus {

using registry::InstanceInfo;
using registry::InstanceState;

namespace {
// A weight is at least 1, whatever was sent.
uint64_t weight_of(const InstanceInfo& instance) { return std::max<uint32_t>(1, instance.weight); }
}  // namespace

Result<const InstanceInfo*, Fault> Balance::pick(const std::vector<InstanceInfo>& instances,
                                                 std::string_view method, std::string_view wanted) {
  // The first of these that is not empty is drawn from. A method that nobody is known to have is for an instance to
  // refuse: it may not list all it has.
  std::vector<const InstanceInfo*> with_method, full_with_method, able, full;
  for (const InstanceInfo& instance : instances) {
    if (!wanted.empty()) {
      if (instance.id == wanted || instance.jid.str() == wanted) return &instance;
      continue;
    }
    if (instance.state == InstanceState::away) continue;
    const bool has = std::find(instance.methods.begin(), instance.methods.end(), method) != instance.methods.end();
    const bool room = instance.state == InstanceState::available;
    (room ? able : full).push_back(&instance);
    if (has) (room ? with_method : full_with_method).push_back(&instance);
  }
  if (!wanted.empty()) return Err{Fault(Fault::Kind::unavailable, "no instance " + std::string(wanted))};
  const auto& from = !with_method.empty() ? with_method
                     : !full_with_method.empty() ? full_with_method
                     : !able.empty() ? able
                                     : full;
  if (from.empty())
    return Err{Fault(Fault::Kind::unavailable, instances.empty() ? "no such service" : "no instance takes calls now")};
  const InstanceInfo& a = draw(from);
  const InstanceInfo& b = draw(from);
  return outstanding(a.jid) * weight_of(b) <= outstanding(b.jid) * weight_of(a) ? &a : &b;
}

const InstanceInfo& Balance::draw(const std::vector<const InstanceInfo*>& from) {
  uint64_t total = 0;
  for (const InstanceInfo* instance : from) total += weight_of(*instance);
  uint64_t at = std::uniform_int_distribution<uint64_t>(0, total - 1)(random_);
  for (const InstanceInfo* instance : from) {
    if (at < weight_of(*instance)) return *instance;
    at -= weight_of(*instance);
  }
  return *from.back();
}

Balance::Slot::Slot(Balance& balance, xmpp::Jid jid) : balance_(balance), jid_(std::move(jid)) {
  ++balance_.outstanding_[jid_];
}

Balance::Slot::~Slot() {
  const auto found = balance_.outstanding_.find(jid_);
  if (--found->second == 0) balance_.outstanding_.erase(found);
}

size_t Balance::outstanding(const xmpp::Jid& jid) const {
  const auto found = outstanding_.find(jid);
  return found == outstanding_.end() ? 0 : found->second;
}

}  // namespace xbus
