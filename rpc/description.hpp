// Description: what a service offers, as data: its methods with names, types and docs. Everything that shows or
// bridges a service is derived from it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "rpc/type.hpp"

namespace xbus {

// When a call that failed may be made again, by whoever makes it. Only for methods that are idempotent and for calls
// with a key; nothing is repeated unless the calling code states a policy.
struct RetryPolicy {
  unsigned attempts = 1;  // in all: 1 is no retry
  Duration wait = std::chrono::milliseconds(100);  // before the second; doubled before each further one
  bool operator==(const RetryPolicy&) const = default;
};

struct MethodDescription {
  std::string name;
  std::string doc;
  std::vector<Field> params;
  Type result = Type::Kind::nothing;
  bool idempotent = false;
  RetryPolicy retry;  // what the service advises
  bool operator==(const MethodDescription&) const = default;
};

struct EventDescription {
  std::string name;
  std::string doc;
  Type type;
  bool operator==(const EventDescription&) const = default;
};

struct Description {
  std::string name;     // of the service, as spelled by it
  std::string version;
  std::string doc;
  std::vector<MethodDescription> methods;  // by name
  std::vector<EventDescription> events;
  Types types;
  bool operator==(const Description&) const = default;

  const MethodDescription* find(std::string_view method) const;
  // "add(a: int32, b: int32) -> int32"
  static std::string signature(const MethodDescription& method);
  // Identifies the interface: equal when methods, parameters, types and events are; docs and version do not count.
  // 16 hexadecimal digits.
  std::string hash() const;
};

}  // namespace xbus
