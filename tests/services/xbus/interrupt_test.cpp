#include "services/xbus/interrupt.hpp"

#include <gtest/gtest.h>

#include "bus/net/virtual_loop.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;

struct Waiter {
  net::VirtualLoop loop;
  Interrupt interrupt{loop};
  int ended = 0;

  void begin(Duration time) { spawn(wait(time)); }
  Task<void> wait(Duration time) {
    co_await interrupt.pause(time);
    ++ended;
  }
};

TEST(Interrupt, a_pause_takes_its_time) {
  Waiter waiter;
  waiter.begin(2s);
  waiter.loop.advance(1s);
  EXPECT_EQ(waiter.ended, 0);
  waiter.loop.advance(1100ms);
  EXPECT_EQ(waiter.ended, 1);
  EXPECT_FALSE(waiter.interrupt.given());
}

TEST(Interrupt, a_person_ends_it_and_what_comes_after) {
  Waiter waiter;
  waiter.begin(24h);
  waiter.interrupt.give();
  EXPECT_EQ(waiter.ended, 1);
  EXPECT_TRUE(waiter.interrupt.given());
  EXPECT_TRUE(waiter.interrupt.calls().cancelled());
  waiter.begin(24h);
  EXPECT_EQ(waiter.ended, 2);
  waiter.interrupt.give();
}

}  // namespace
}  // namespace xbus::cli
