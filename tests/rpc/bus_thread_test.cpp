// BusThread: programs without coroutines, over a live bus.
#include "rpc/bus_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/rpc/live_bus.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

TEST(BusThread, calls_and_serves_without_coroutines) {
  LiveBus live;
  Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  calc.method("no", []() -> int { throw Fault(17, "out of paper"); });
  BusThread server(live.options());
  server.serve(calc);
  BusThread client(live.options());
  EXPECT_EQ((client.service("calc").call_wait<int>("add", 2, 3)), 5);
  client.service("calc").call_wait<void>("add", 2, 3);
  try {
    client.service("calc").call_wait<int>("no");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault, Fault(17, "out of paper"));
  }
  EXPECT_THROW(client.service("nobody").call_wait<int>("m"), Fault);
}

TEST(BusThread, many_threads_call_at_once) {
  LiveBus live;
  Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; }).on_threads(2);
  BusThread server(live.options());
  server.serve(calc);
  BusThread client(live.options());
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&client, &right, t] {
      for (int i = 0; i < 50; ++i) right += client.service("calc").call_wait<int>("add", t, i) == t + i;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
}

TEST(BusThread, a_program_under_its_service_is_told_when_the_service_has_gone) {
  LiveBus live;
  Service calc("calc");
  calc.method("m", [] { return 1; });
  BusThread client(live.options());
  {
    BusThread server(live.options());
    server.serve(calc);
    EXPECT_EQ(client.service("calc").call_wait<int>("m"), 1);
  }
  try {
    client.service("calc").call_wait<int>("m");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
  }
}

}  // namespace
}  // namespace xbus
