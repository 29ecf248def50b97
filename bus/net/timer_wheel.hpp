// The timing wheel behind Timer: starting, stopping and finding the next expiry cost the same with one timer and with
// 100,000. Pure: it is told the time.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "bus/clock.hpp"
#include "bus/net/timer.hpp"

namespace xbus::net {

// Five rings of 64 slots. A slot of the first ring is 1 ms, a slot of each further ring is a whole turn of the one
// before it; a timer moves inwards at most four times. A timer never fires early and at most 1 ms late by the time
// given to advance(). Timers of the same millisecond fire in the order they were started.
class TimerWheel {
 public:
  explicit TimerWheel(Time now);
  ~TimerWheel();  // stops what still runs
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Fires everything due at `now`. Callbacks may start, stop and destroy any timer; one started inside fires in a
  // later millisecond. Time does not run backwards: an earlier `now` does nothing.
  void advance(Time now);

  // When advance() has something to do next: never after the earliest expiry, before it when timers have to move
  // inwards first. Nothing without timers.
  std::optional<Time> next() const;

  size_t size() const { return size_; }

 private:
  friend class Timer;
  static constexpr uint32_t ring_bits = 6;
  static constexpr uint32_t ring_slots = 1u << ring_bits;
  static constexpr uint32_t rings = 5;
  static constexpr uint32_t firing = rings * ring_slots;  // the list of those being fired

  uint64_t tick_of(Time when) const;  // rounded up
  void link(Timer& timer);            // by timer.when_
  void unlink(Timer& timer);
  void append(Timer& timer, uint32_t slot);
  void move_inwards(uint32_t ring, uint32_t index);
  void fire(uint32_t slot);
  uint64_t next_tick() const;

  Time origin_;
  uint64_t current_ = 0;  // every tick up to this one has been fired
  size_t size_ = 0;
  std::array<uint64_t, rings> used_{};  // a bit for each slot that holds timers
  std::array<Timer*, rings * ring_slots + 1> slots_{};  // first of a list; its prev_ is the last
};

}  // namespace xbus::net
