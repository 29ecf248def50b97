#include "services/xbus/load_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus/net/virtual_loop.hpp"
#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Report : testing::Test {
  net::VirtualLoop loop;
  LoadRun run{loop, {.warm_up = {}, .time = 2s, .server = {}}};
  const LoadWork work{"echo", "tcp://127.0.0.1:5222", 8, 16, 100};

  void measure(int calls) {
    run.begin([] {});
    loop.advance(1ms);
    for (int i = 0; i < calls; ++i) run.done((i + 1) * 1us);
  }
};

TEST_F(Report, a_program_gets_every_figure) {
  measure(1000);
  run.failed(FaultKind::timeout);
  loop.advance(3s);
  const Value value = load_value(work, run);
  EXPECT_EQ(value.find("calls")->as_int(), 1000);
  EXPECT_NEAR(value.find("rate")->as_double(), 500, 1);
  EXPECT_EQ(value.find("errors")->as_int(), 1);
  EXPECT_EQ(value.find("outcomes")->find("timeout")->as_int(), 1);
  EXPECT_NEAR(value.find("latency_us")->find("p50")->as_double(), 500, 3);
  EXPECT_NEAR(value.find("latency_us")->find("p999")->as_double(), 999, 5);
  EXPECT_EQ(value.find("callers")->as_int(), 8);
  EXPECT_EQ(value.find("server"), nullptr);
}

TEST_F(Report, a_person_sees_the_latencies_drawn) {
  measure(1000);
  run.failed(FaultKind::busy);
  loop.advance(3s);
  Terminal terminal;
  terminal.width = 60;
  const std::string text = load_text(work, run, terminal);
  EXPECT_THAT(text, HasSubstr("8 callers x 16 in flight, 100 bytes"));
  EXPECT_THAT(text, HasSubstr("1,000 calls in 2.00 s, 500 a second, 1 error"));
  EXPECT_THAT(text, HasSubstr("busy: 1"));
  EXPECT_THAT(text, HasSubstr("p99.9"));
  EXPECT_THAT(text, HasSubstr("|####"));
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    if (text.find('#', begin) < end) {
      EXPECT_LE(end - begin, 60u) << text.substr(begin, end - begin);
    }
  }
}

TEST_F(Report, without_calls_nothing_is_drawn) {
  run.begin([] {});
  run.stop();
  EXPECT_EQ(load_value(work, run).find("rate")->as_double(), 0);
  EXPECT_THAT(load_text(work, run, {}),
              HasSubstr("stopped\n0 calls in 0.00 s, 0 a second, no errors"));
}

TEST_F(Report, the_bar_fits_any_terminal) {
  run.begin([] {});
  loop.advance(1010ms);
  run.done(5us);
  for (const size_t width : {1u, 10u, 40u, 80u, 300u}) {
    const std::string line = load_progress(run, 123456, width);
    EXPECT_LE(columns(line), width) << line;
  }
  EXPECT_THAT(
      load_progress(run, 123456, 100),
      HasSubstr("measuring [####################....................]  123,456 calls/s  p50 5 us"));
}

}  // namespace
}  // namespace xbus::cli
