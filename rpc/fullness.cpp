#include "rpc/fullness.hpp"

#include <algorithm>

#include "bus/limits.hpp"

namespace xbus {

bool Fullness::on(const Occupancy& occupancy, Time now) {
  if (next_ && now < *next_) return false;
  const bool looked_before = next_.has_value();
  next_.reset();
  if (full_) {
    if (!occupancy.room) {
      next_ = now + limits::full_change_time_min;
      return false;
    }
    full_ = false;
    changed_ = now;
    return true;
  }
  if (!occupancy.full) return false;
  if (!looked_before) {
    next_ = now + limits::full_time_min;
    if (changed_) next_ = std::max(*next_, *changed_ + limits::full_change_time_min);
    return false;
  }
  full_ = true;
  changed_ = now;
  next_ = now + limits::full_change_time_min;
  return true;
}

}  // namespace xbus
