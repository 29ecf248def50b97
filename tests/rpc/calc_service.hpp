// The service that the plays of the bus call, and what a call ended with.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "rpc/bus.hpp"
#include "rpc/local_bus.hpp"

namespace xbus::calc_service {

struct Point {
  int x = 0, y = 0;
  bool operator==(const Point&) const = default;
};
XBUS_STRUCT(Point, x, y)

inline void define(Service& calc) {
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; }).doc("Adds.").idempotent();
  calc.method("move", {"p"}, [](Point p) { return Point{p.x + 1, p.y + 1}; });
  calc.method("big", {"n"}, [](int64_t n) { return std::optional<int64_t>(n > 0 ? std::optional(n) : std::nullopt); });
  calc.method("no", []() -> int { throw Fault(17, "out of paper"); });
  calc.method("who", [](Call& call) { return call.caller; });
}

// The kind of the Fault that a task ends in.
template <class T>
Fault fault_of(LocalBus& bus, Task<T> task) {
  try {
    (void)bus.wait(std::move(task));
  } catch (const Fault& fault) {
    return fault;
  }
  ADD_FAILURE() << "no fault";
  return Fault(Fault::Kind::ok);
}
template <class T>
Fault::Kind kind_of(LocalBus& bus, Task<T> task) {
  return fault_of(bus, std::move(task)).kind();
}

}  // namespace xbus::calc_service
