// KeyMemory: the answers to calls that carried an idempotency key, so that the same key gets the answer again and not
// the work.
#pragma once
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/result.hpp"
#include "rpc/fault.hpp"
#include "rpc/value.hpp"

namespace xbus {

// What a handler has given.
using Outcome = Result<Value, Fault>;

// Bounded by number, bytes and time. Beyond number and bytes the oldest of whichever caller holds most goes, so that
// nobody's keys push out those of who has fewer.
class KeyMemory {
 public:
  struct Limits {
    size_t keys = limits::idempotency_keys_max;
    size_t bytes = limits::idempotency_bytes_max;
    Duration time = limits::idempotency_time_max;
  };
  explicit KeyMemory(Limits limits) : limits_(limits) {}
  KeyMemory() : KeyMemory(Limits{}) {}

  // Whose key: a caller's key is its own, whatever other callers use. `request` tells calls apart that use one key for
  // different work.
  struct Id {
    std::string caller;  // bare
    std::string key;
    bool operator==(const Id&) const = default;
  };
  struct Hash {
    size_t operator()(const Id& id) const {
      return std::hash<std::string>{}(id.caller) * 31 + std::hash<std::string>{}(id.key);
    }
  };
  struct Entry {
    size_t request = 0;  // hash of method and arguments
    Outcome outcome;
  };

  // nullptr when the key is not known or its time is over. Valid until the next call.
  const Entry* find(const Id& id, Time now);
  // A key that stands already keeps its first answer. An answer larger than the whole memory is not kept.
  void remember(const Id& id, size_t request, Outcome outcome, Time now);
  void expire(Time now);

  size_t size() const { return order_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Slot {
    Id id;
    Entry entry;
    Time until;
    size_t bytes;
  };
  using Order = std::list<Slot>;
  // What one caller holds. A key costs its share of the memory besides the bytes of its answer, so that many keys weigh
  // as much as large answers.
  struct Holder {
    std::deque<Order::iterator> slots;  // oldest first
    size_t cost = 0;
  };
  using Holders = std::unordered_map<std::string, Holder>;

  size_t cost_of(const Slot& slot) const { return slot.bytes + limits_.bytes / limits_.keys; }
  void set_cost(Holders::value_type& holder, size_t cost);
  void drop_oldest_of(const std::string& caller);

  Limits limits_;
  Order order_;  // oldest first
  std::unordered_map<Id, Order::iterator, Hash> index_;
  Holders holders_;  // by caller
  std::set<std::pair<size_t, std::string_view>> by_cost_;  // of holders_
  size_t bytes_ = 0;
};

// About how much memory a value takes, in bytes; a fault likewise.
size_t weight_of(const Value& value);
size_t weight_of(const Fault& fault);

// Equal values have equal hashes, whatever the order of members.
size_t hash_of(const Value& value);

}  // namespace xbus
