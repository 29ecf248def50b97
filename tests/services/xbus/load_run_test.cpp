#include "services/xbus/load_run.hpp"

#include <gtest/gtest.h>

#include "bus/net/virtual_loop.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using Phase = LoadRun::Phase;

struct Running {
  net::VirtualLoop loop;
  LoadRun run{loop, {.warm_up = 1s, .time = 2s, .server = {}}};
  int finished = 0;
  void begin() {
    run.begin([this] { ++finished; });
  }
};

TEST(LoadRun, only_what_comes_in_the_measured_time_counts) {
  Running it;
  EXPECT_FALSE(it.run.issuing());
  it.begin();
  EXPECT_EQ(it.run.phase(), Phase::warming);
  it.run.done(1ms);
  it.loop.advance(1001ms);
  EXPECT_EQ(it.run.phase(), Phase::measuring);
  it.run.done(2ms);
  it.loop.advance(1s);
  EXPECT_NEAR(it.run.progress(), 0.5, 0.01);
  EXPECT_EQ(it.finished, 0);
  it.loop.advance(1s);
  EXPECT_EQ(it.finished, 1);
  EXPECT_FALSE(it.run.issuing());
  it.run.done(3ms);
  EXPECT_EQ(it.run.latencies().count(), 1u);
  EXPECT_EQ(it.run.latencies().most(), 2ms);
  EXPECT_NEAR(std::chrono::duration<double>(it.run.measured()).count(), 2, 0.01);
  EXPECT_FALSE(it.run.stopped());
}

TEST(LoadRun, a_failure_counts_whenever_it_comes) {
  Running it;
  it.begin();
  it.run.failed(FaultKind::busy);
  it.loop.advance(4s);
  it.run.failed(FaultKind::timeout);
  it.run.failed(FaultKind::timeout);
  EXPECT_EQ(it.run.failed(), 3u);
  EXPECT_EQ(it.run.failures().at(FaultKind::timeout), 2u);
  EXPECT_EQ(it.run.first_failure(), FaultKind::busy);
  EXPECT_EQ(it.run.latencies().count(), 0u);
}

TEST(LoadRun, stopped_early_it_has_measured_so_long) {
  Running it;
  it.begin();
  it.loop.advance(1500ms);
  it.run.stop();
  EXPECT_EQ(it.finished, 1);
  EXPECT_TRUE(it.run.stopped());
  EXPECT_NEAR(std::chrono::duration<double>(it.run.measured()).count(), 0.5, 0.01);
  it.run.stop();
  it.loop.advance(5s);
  EXPECT_EQ(it.finished, 1);
}

TEST(LoadRun, stopped_in_the_warm_up_it_has_measured_nothing) {
  Running it;
  it.begin();
  it.run.stop();
  EXPECT_EQ(it.finished, 1);
  EXPECT_EQ(it.run.measured(), Duration{});
}

TEST(LoadRun, stopped_before_it_began_it_ends_at_once) {
  Running it;
  it.run.stop();
  it.begin();
  it.loop.advance(1ms);
  EXPECT_EQ(it.finished, 1);
  EXPECT_FALSE(it.run.issuing());
}

TEST(LoadRun, ticks_while_it_runs) {
  Running it;
  int ticks = 0;
  it.run.on_tick([&] { ++ticks; });
  it.begin();
  it.loop.advance(3s);
  EXPECT_NEAR(ticks, 30, 2);
  const int then = ticks;
  it.loop.advance(1s);
  EXPECT_LE(ticks, then + 1);
}

}  // namespace
}  // namespace xbus::cli
