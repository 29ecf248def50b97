#include "bus/net/virtual_loop.hpp"

#include <gtest/gtest.h>

#include <string>

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

TEST(VirtualLoop, deferred_runs_after_everything_ready) {
  VirtualLoop loop;
  std::string order;
  loop.post([&] {
    order += "1";
    loop.defer([&] { order += "d"; });
    loop.post([&] { order += "3"; });
  });
  loop.post([&] { order += "2"; });
  loop.run_until_idle();
  EXPECT_EQ(order, "123d");
}

TEST(VirtualLoop, the_clock_and_the_calendar_move_together) {
  VirtualLoop loop;
  auto now = loop.now();
  auto wall = loop.wall();
  loop.advance(1500us);
  EXPECT_EQ(loop.now() - now, 1500us);
  EXPECT_EQ(loop.wall() - wall, 1500us);
  EXPECT_FALSE(loop.run_until([] { return false; }, 10ms));
  EXPECT_EQ(loop.now() - now, 11500us);
}

}  // namespace
}  // namespace xbus::net
