// How many events a source may have: so many at once, so many a second in the long run. Pure.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "bus/clock.hpp"

namespace xbus::agent {

class Allowance {
 public:
  Allowance(double per_second, double burst) : per_second_(per_second), burst_(burst), left_(burst) {}

  // Whether one more may be; what may not is counted. Times do not go back.
  bool take(Time now) {
    if (last_) left_ = std::min(burst_, left_ + std::chrono::duration<double>(now - *last_).count() * per_second_);
    last_ = now;
    if (left_ < 1) {
      ++refused_;
      return false;
    }
    left_ -= 1;
    return true;
  }

  // How many were refused since it was last asked.
  int64_t refused() { return std::exchange(refused_, 0); }

 private:
  double per_second_, burst_, left_;
  std::optional<Time> last_;
  int64_t refused_ = 0;
};

}  // namespace xbus::agent
