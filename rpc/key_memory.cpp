#include "rpc/key_memory.hpp"

namespace xbus {

size_t weight_of(const Value& value) {
  size_t bytes = sizeof(Value);
  if (const auto* text = value.get_if<std::string>()) bytes += text->size();
  if (const auto* raw = value.get_if<Bytes>()) bytes += raw->size();
  if (const auto* items = value.get_if<Value::Array>())
    for (const Value& item : *items) bytes += weight_of(item);
  if (const auto* members = value.get_if<Value::Struct>())
    for (const Value::Member& member : *members)
      bytes += sizeof(std::string) + member.name.size() + weight_of(member.value);
  return bytes;
}

size_t hash_of(const Value& value) {
  const auto mix = [](size_t a, size_t b) { return (a ^ (b + 0x9e3779b97f4a7c15ull + (a << 6) + (a >> 2))); };
  size_t hash = static_cast<size_t>(value.type());
  switch (value.type()) {
    case Value::Type::nil: break;
    case Value::Type::boolean: hash = mix(hash, value.as_bool()); break;
    case Value::Type::int32:
    case Value::Type::int64: hash = mix(hash, std::hash<int64_t>{}(value.as_int())); break;
    case Value::Type::real: hash = mix(hash, std::hash<double>{}(value.as_double())); break;
    case Value::Type::string: hash = mix(hash, std::hash<std::string>{}(value.as_string())); break;
    case Value::Type::bytes:
      for (const std::byte byte : value.as_bytes()) hash = mix(hash, static_cast<size_t>(byte));
      break;
    case Value::Type::timestamp:
      hash = mix(hash, std::hash<int64_t>{}(value.as_timestamp().time_since_epoch().count()));
      break;
    case Value::Type::array:
      for (const Value& item : value.as_array()) hash = mix(hash, hash_of(item));
      break;
    case Value::Type::structure:
      // A sum, so that the order of members does not count.
      for (const Value::Member& member : value.as_struct())
        hash += mix(std::hash<std::string>{}(member.name), hash_of(member.value));
      break;
  }
  return hash;
}

size_t weight_of(const Fault& fault) {
  size_t bytes = fault.message().size();
  for (const auto& [name, value] : fault.details()) bytes += sizeof(Fault::Details::value_type) + name.size() + value.size();
  return bytes;
}

const KeyMemory::Entry* KeyMemory::find(const Id& id, Time now) {
  expire(now);
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &found->second->entry;
}

void KeyMemory::remember(const Id& id, size_t request, Outcome outcome, Time now) {
  expire(now);
  if (index_.contains(id)) return;
  const size_t bytes = sizeof(Slot) + id.caller.size() + id.key.size() +
                       (outcome ? weight_of(*outcome) : weight_of(outcome.error()));
  if (bytes > limits_.bytes || limits_.keys == 0) return;
  order_.push_back({id, {request, std::move(outcome)}, now + limits_.time, bytes});
  const auto slot = std::prev(order_.end());
  index_.emplace(id, slot);
  bytes_ += bytes;
  Holders::value_type& holder = *holders_.try_emplace(id.caller).first;
  holder.second.slots.push_back(slot);
  set_cost(holder, holder.second.cost + cost_of(*slot));
  while (order_.size() > limits_.keys || bytes_ > limits_.bytes) drop_oldest_of(std::string(by_cost_.rbegin()->second));
}

void KeyMemory::expire(Time now) {
  while (!order_.empty() && order_.front().until <= now) drop_oldest_of(std::string(order_.front().id.caller));
}

void KeyMemory::set_cost(Holders::value_type& holder, size_t cost) {
  by_cost_.erase(std::pair(holder.second.cost, std::string_view(holder.first)));
  holder.second.cost = cost;
  if (!holder.second.slots.empty()) by_cost_.emplace(cost, std::string_view(holder.first));
}

void KeyMemory::drop_oldest_of(const std::string& caller) {
  const auto holder = holders_.find(caller);
  const Order::iterator slot = holder->second.slots.front();
  holder->second.slots.pop_front();
  set_cost(*holder, holder->second.cost - cost_of(*slot));
  if (holder->second.slots.empty()) holders_.erase(holder);
  bytes_ -= slot->bytes;
  index_.erase(slot->id);
  order_.erase(slot);
}

}  // namespace xbus
