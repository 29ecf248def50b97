// Fullness: whether an instance tells others that it is full, as presence `dnd`; late and seldom enough that presence
// does not flap. Pure: what runs and times in, the state out.
#pragma once
#include <optional>

#include "bus/clock.hpp"

namespace xbus {

// How much of what may run at once does run.
struct Occupancy {
  bool full = false;  // a call more would be refused as busy
  bool room = true;   // at most three quarters of the limit run
};

// Full is said when it was so twice, limits::full_time_min apart: one short call at a limit of one is no news. It is
// taken back when there is room, and never sooner than limits::full_change_time_min after the last change.
class Fullness {
 public:
  // To be called when a call has come and at next_time(); true when full() has changed.
  bool on(const Occupancy& occupancy, Time now);
  std::optional<Time> next_time() const { return next_; }
  bool full() const { return full_; }

 private:
  bool full_ = false;
  std::optional<Time> next_;     // when to look again
  std::optional<Time> changed_;  // the last change
};

}  // namespace xbus
