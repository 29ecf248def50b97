#include "bus/net/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace xbus::net {

namespace {
constexpr Duration tick = std::chrono::milliseconds(1);
constexpr uint64_t none = ~uint64_t{0};
}  // namespace

Timer::Timer(Loop& loop) : loop_(loop) {}

Timer::~Timer() { stop(); }

void Timer::start(Duration after, Loop::Callback fn) {
  start_at(loop_.now() + std::max(after, Duration::zero()), std::move(fn));
}

void Timer::start_at(Time when, Loop::Callback fn) {
  auto& wheel = loop_.timers();
  if (running_) wheel.unlink(*this);
  fn_ = std::move(fn);
  when_ = when;
  wheel.link(*this);
}

void Timer::stop() {
  if (!running_) return;
  loop_.timers().unlink(*this);
  fn_ = nullptr;
}

TimerWheel::TimerWheel(Time now) : origin_(now) {}

TimerWheel::~TimerWheel() {
  for (auto*& head : slots_) {
    while (head) unlink(*head);
  }
}

uint64_t TimerWheel::tick_of(Time when) const {
  if (when <= origin_) return 0;
  return uint64_t((when - origin_ + tick - Duration(1)) / tick);
}

void TimerWheel::link(Timer& timer) {
  // The ring is that of the highest digit in which the expiry differs from the current tick: so the first ring holds
  // only ticks of the turn under way, and lists keep the order of starting.
  constexpr uint64_t reach = uint64_t{1} << (ring_bits * rings);
  uint64_t at = std::max(tick_of(timer.when_), current_ + 1);
  auto ring = uint32_t(std::bit_width(at ^ current_) - 1) / ring_bits;
  if (ring >= rings) {
    // Beyond a turn of the outer ring (12 days): waits in the slot that comes last and is looked at again then.
    at = std::min(at, current_ + reach - (uint64_t{1} << (ring_bits * (rings - 1))));
    ring = rings - 1;
  }
  append(timer, ring * ring_slots + uint32_t((at >> (ring * ring_bits)) & (ring_slots - 1)));
  timer.running_ = true;
  ++size_;
}

void TimerWheel::append(Timer& timer, uint32_t slot) {
  timer.slot_ = slot;
  timer.next_ = nullptr;
  if (auto* head = slots_[slot]) {
    timer.prev_ = head->prev_;
    head->prev_->next_ = &timer;
    head->prev_ = &timer;
  } else {
    timer.prev_ = &timer;
    slots_[slot] = &timer;
    if (slot != firing) used_[slot / ring_slots] |= uint64_t{1} << (slot % ring_slots);
  }
}

void TimerWheel::unlink(Timer& timer) {
  auto*& head = slots_[timer.slot_];
  if (head == &timer) {
    head = timer.next_;
    if (head) head->prev_ = timer.prev_;
    else if (timer.slot_ != firing) {
      used_[timer.slot_ / ring_slots] &= ~(uint64_t{1} << (timer.slot_ % ring_slots));
    }
  } else {
    timer.prev_->next_ = timer.next_;
    (timer.next_ ? timer.next_ : head)->prev_ = timer.prev_;
  }
  timer.next_ = timer.prev_ = nullptr;
  timer.running_ = false;
  --size_;
}

uint64_t TimerWheel::next_tick() const {
  uint64_t best = none;
  for (uint32_t ring = 0; ring < rings; ++ring) {
    if (!used_[ring]) continue;
    // The slot of the current digit itself is a whole turn away: only the outer ring uses it.
    auto shift = ring * ring_bits;
    auto digit = uint32_t((current_ >> shift) & (ring_slots - 1));
    auto distance = uint64_t(std::countr_zero(std::rotr(used_[ring], int((digit + 1) % ring_slots)))) + 1;
    best = std::min(best, ((current_ >> shift) + distance) << shift);
  }
  return best;
}

std::optional<Time> TimerWheel::next() const {
  if (slots_[firing]) return origin_ + Duration(tick * current_);
  auto at = next_tick();
  if (at == none) return {};
  return origin_ + Duration(tick * at);
}

void TimerWheel::move_inwards(uint32_t ring, uint32_t index) {
  auto slot = ring * ring_slots + index;
  auto* timer = std::exchange(slots_[slot], nullptr);
  used_[ring] &= ~(uint64_t{1} << index);
  while (timer) {
    auto* following = timer->next_;
    --size_;
    if (tick_of(timer->when_) <= current_) {
      append(*timer, uint32_t(current_ & (ring_slots - 1)));  // due in this very tick
      ++size_;
    } else {
      link(*timer);
    }
    timer = following;
  }
}

void TimerWheel::fire(uint32_t slot) {
  while (auto* timer = slots_[slot]) {
    unlink(*timer);
    append(*timer, firing);
    timer->running_ = true;
    ++size_;
  }
  while (auto* timer = slots_[firing]) {
    unlink(*timer);
    auto fn = std::move(timer->fn_);
    timer->fn_ = nullptr;
    fn();
  }
}

void TimerWheel::advance(Time now) {
  if (now < origin_) return;
  auto target = uint64_t((now - origin_) / tick);
  while (current_ < target) {
    auto at = next_tick();
    if (at > target) {
      current_ = target;
      return;
    }
    current_ = at;
    for (uint32_t ring = rings - 1; ring > 0; --ring) {
      auto shift = ring * ring_bits;
      if ((current_ & ((uint64_t{1} << shift) - 1)) != 0) continue;
      auto index = uint32_t((current_ >> shift) & (ring_slots - 1));
      if (used_[ring] >> index & 1) move_inwards(ring, index);
    }
    fire(uint32_t(current_ & (ring_slots - 1)));
  }
}

}  // namespace xbus::net
