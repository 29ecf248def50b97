// Balance: which instance of a service gets the next call: the less busy of two drawn by weight.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bus/result.hpp"
#include "rpc/fault.hpp"
#include "rpc/registry/protocol.hpp"

namespace xbus {

class Balance {
 public:
  explicit Balance(uint32_t seed) : random_(seed) {}

  // Points at one of `instances` that takes calls and has the method; where it is not known that any has it, any. One
  // that is full only where all are: it may have room again. With `instance` only the one of that id, whatever its
  // state. A Fault of kind unavailable when there is nobody.
  Result<const registry::InstanceInfo*, Fault> pick(const std::vector<registry::InstanceInfo>& instances,
                                                    std::string_view method, std::string_view instance);

  // One call under way at that instance, as long as this lives.
  class Slot {
   public:
    Slot(Balance& balance, xmpp::Jid jid);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    Balance& balance_;
    xmpp::Jid jid_;
  };
  size_t outstanding(const xmpp::Jid& jid) const;

 private:
  const registry::InstanceInfo& draw(const std::vector<const registry::InstanceInfo*>& from);

  std::minstd_rand random_;
  std::unordered_map<xmpp::Jid, size_t> outstanding_;
};

}  // namespace xbus
