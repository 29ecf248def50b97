// When a measured value is high, and when it is normal again, without wavering between the two.
#pragma once
#include <optional>

#include "bus/clock.hpp"
#include "rpc/members.hpp"

namespace xbus::agent {

enum class Level { normal, high };
XBUS_ENUM(Level, normal, high)

// `normal` is not above `high`.
struct Threshold {
  double high = 1;              // high from here on
  double normal = 1;            // normal below this ...
  Duration calm = Duration(0);  // ... for so long
};

// Pure: values and times in, changes out.
class Hysteresis {
 public:
  explicit Hysteresis(Threshold threshold) : threshold_(threshold) {}

  // Returns whether the level has changed. Times do not go back.
  bool add(double value, Time now);
  Level level() const { return level_; }

 private:
  Threshold threshold_;
  Level level_ = Level::normal;
  std::optional<Time> below_since_;
};

}  // namespace xbus::agent
