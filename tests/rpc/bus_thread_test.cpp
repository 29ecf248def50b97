// BusThread: programs without coroutines, over a live bus.
#include "rpc/bus_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "tests/rpc/live_bus.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

TEST(BusThread, calls_and_serves_without_coroutines) {
  LiveBus live;
  Service calc("calc");
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  calc.method("no", []() -> int { throw Fault(17, "out of paper"); });
  calc.method("word", [] { return "five"; });
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
  try {
    client.service("nobody").call_wait<int>("m");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
  }
  // A text where a number is expected.
  EXPECT_EQ(client.service("calc").call_wait<std::string>("word"), "five");
  try {
    client.service("calc").call_wait<int>("word");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::failed);
  }
}

TEST(BusThread, waiting_where_the_answer_would_have_to_come_in_is_a_mistake_that_is_told) {
  LiveBus live;
  Service calc("calc");
  BusThread bus(live.options());
  std::atomic<bool> told = false;
  calc.method("again", [&] {
    try {
      return bus.service("calc").call_wait<int>("again");
    } catch (const std::logic_error&) {
      told = true;
      return 0;
    }
  });
  bus.serve(calc);
  EXPECT_EQ(bus.service("calc").call_wait<int>("again"), 0);
  EXPECT_TRUE(told);
}

TEST(BusThread, beyond_at_once_a_call_is_busy_and_those_that_run_are_answered) {
  LiveBus live;
  Service work("work");
  std::promise<void> open;
  std::shared_future<void> gate = open.get_future();
  std::atomic<int> inside = 0;
  work.method("m", [&] {
    ++inside;
    gate.wait();
    return 7;
  }).on_threads(4).at_once(2);
  BusThread server(live.options());
  server.serve(work);
  BusThread client(live.options());
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] { right += client.service("work").call_wait<int>("m") == 7; });
  while (inside < 2) std::this_thread::yield();
  try {
    client.service("work").call_wait<int>("m");
    ADD_FAILURE() << "a third one has run";
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::busy);
  }
  open.set_value();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 2);
  EXPECT_EQ(inside, 2);
  EXPECT_EQ(client.service("work").call_wait<int>("m"), 7);
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
