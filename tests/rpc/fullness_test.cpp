// Fullness: when an instance says that it is full, and over a bus what callers make of it.
#include "rpc/fullness.hpp"

#include <gtest/gtest.h>

#include <map>

#include "bus/limits.hpp"
#include "tests/rpc/calc_service.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using registry::InstanceState;

constexpr Occupancy idle{false, true}, busy{false, false}, full{true, false};

TEST(Fullness, is_said_when_it_lasts) {
  Fullness fullness;
  Time now{};
  EXPECT_FALSE(fullness.on(idle, now));
  EXPECT_FALSE(fullness.next_time());
  EXPECT_FALSE(fullness.on(full, now));
  ASSERT_EQ(fullness.next_time(), now + limits::full_time_min);
  EXPECT_FALSE(fullness.on(full, now + limits::full_time_min - 1ns));
  EXPECT_TRUE(fullness.on(full, now + limits::full_time_min));
  EXPECT_TRUE(fullness.full());
}

TEST(Fullness, a_short_call_at_the_limit_is_no_news) {
  Fullness fullness;
  Time now{};
  EXPECT_FALSE(fullness.on(full, now));
  now = *fullness.next_time();
  EXPECT_FALSE(fullness.on(busy, now));
  EXPECT_FALSE(fullness.full());
  EXPECT_FALSE(fullness.next_time());
}

TEST(Fullness, ends_when_there_is_room_and_not_before) {
  Fullness fullness;
  Time now{};
  fullness.on(full, now);
  now = *fullness.next_time();
  ASSERT_TRUE(fullness.on(full, now));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(fullness.next_time(), now + limits::full_change_time_min);
    EXPECT_FALSE(fullness.on(idle, *fullness.next_time() - 1ns));
    now = *fullness.next_time();
    EXPECT_FALSE(fullness.on(busy, now));
  }
  now = *fullness.next_time();
  EXPECT_TRUE(fullness.on(idle, now));
  EXPECT_FALSE(fullness.full());
  EXPECT_FALSE(fullness.next_time());
}

TEST(Fullness, whatever_the_load_does_changes_are_seldom) {
  Fullness fullness;
  Time now{}, changed{};
  int changes = 0;
  unsigned random = 1;
  for (int i = 0; i < 100'000; ++i, now += 1ms) {
    random = random * 1664525 + 1013904223;
    const Occupancy all[] = {idle, busy, full};
    if (!fullness.on(all[(random >> 16) % 3], now)) continue;
    if (changes++ > 0) {
      EXPECT_GE(now - changed, limits::full_change_time_min);
    }
    changed = now;
  }
  EXPECT_GT(changes, 2);
  EXPECT_LE(changes, 100);
}

// ---- What a callee has to say ----

TEST(Fullness, a_service_has_a_limit_of_its_own) {
  Service service("s");
  Completion<int> later[4];
  int begun = 0;
  service.at_once(4).method("m", [&]() -> Task<int> {
    const Completion<int> mine = later[begun++];
    co_return co_await mine;
  });
  Desk desk(service);
  for (int i = 0; i < 3; ++i) desk.ask("m");
  EXPECT_FALSE(desk.callee.occupancy().full);
  EXPECT_TRUE(desk.callee.occupancy().room);
  desk.ask("m");
  EXPECT_TRUE(desk.callee.occupancy().full);
  EXPECT_FALSE(desk.callee.occupancy().room);
  EXPECT_EQ(desk.kind(desk.ask("m")), Fault::Kind::busy);
  // Who it is can still be asked.
  EXPECT_TRUE(*desk.answer(desk.ask("system.listMethods")));
  later[0].complete(1);
  EXPECT_FALSE(desk.callee.occupancy().full);
  EXPECT_TRUE(desk.callee.occupancy().room);
  for (const auto& each : later) each.complete(1);
}

TEST(Fullness, a_service_is_full_when_each_of_its_methods_is) {
  Service service("s");
  Completion<int> first, second;
  service.method("a", [&]() -> Task<int> { co_return co_await first; }).at_once(1);
  service.method("b", [&]() -> Task<int> { co_return co_await second; }).at_once(1);
  Desk desk(service);
  desk.ask("a");
  EXPECT_FALSE(desk.callee.occupancy().full);
  desk.ask("b");
  EXPECT_TRUE(desk.callee.occupancy().full);
  first.complete(1);
  EXPECT_TRUE(desk.callee.occupancy().room);
  second.complete(1);

  Service open("s");
  Completion<int> never;
  open.method("a", [&]() -> Task<int> { co_return co_await never; }).at_once(1);
  open.method("b", [] { return 1; });
  Desk other(open);
  other.ask("a");
  EXPECT_FALSE(other.callee.occupancy().full) << "b takes calls";
  never.complete(1);
}

// ---- Over a bus ----

// A service whose calls hang until they are let go.
struct Hanging {
  explicit Hanging(size_t at_once) {
    service.method("m", [this]() -> Task<int> {
      const Completion<int> mine = begun.emplace_back();
      co_return co_await mine;
    });
    service.at_once(at_once);
  }
  void let_go() {
    for (const auto& each : std::exchange(begun, {})) each.complete(1);
  }
  Service service{"s"};
  std::vector<Completion<int>> begun;
};

// Calls and counts how it ends; ok for an answer.
void call(Bus& from, std::map<Fault::Kind, int>& ends) {
  spawn([](Remote remote, std::map<Fault::Kind, int>& out) -> Task<void> {
    try {
      auto calling = remote.call<int>("m");
      (void)co_await std::move(calling);
      ++out[Fault::Kind::ok];
    } catch (const Fault& fault) {
      ++out[fault.kind()];
    }
  }(from.service("s"), ends));
}

InstanceState state_of(LocalBus& bus, Bus& from) { return bus.wait(from.list()).at(0).instances.at(0).state; }

TEST(Fullness, is_seen_by_all_and_taken_back) {
  std::map<Fault::Kind, int> ends;
  Hanging hanging(2);
  LocalBus bus;
  bus.serve(hanging.service);
  Bus& client = bus.connect();
  call(client, ends);
  bus.advance(1s);
  EXPECT_EQ(state_of(bus, client), InstanceState::available);
  call(client, ends);
  bus.advance(1s);
  EXPECT_EQ(state_of(bus, client), InstanceState::dnd);
  EXPECT_EQ(bus.wait(client.list()).at(0).instances.at(0).load, 2u);
  // The only one is asked all the same: it knows best.
  EXPECT_EQ(calc_service::kind_of(bus, client.service("s").call<int>("m")), Fault::Kind::busy);
  EXPECT_TRUE(bus.wait(client.service("s").describe()).find("m"));
  hanging.let_go();
  bus.advance(2s);
  EXPECT_EQ(state_of(bus, client), InstanceState::available);
  EXPECT_EQ(ends[Fault::Kind::ok], 2);
}

TEST(Fullness, calls_go_to_the_instance_that_has_room) {
  std::map<Fault::Kind, int> ends;
  Hanging small(1), large(100);
  LocalBus bus;
  bus.serve(small.service);
  bus.serve(large.service);
  Bus& client = bus.connect();
  while (small.begun.empty()) {
    call(client, ends);
    bus.advance(1ms);
  }
  bus.advance(1s);
  const size_t before = large.begun.size();
  // Another caller, which has no calls under way anywhere.
  Bus& other = bus.connect("other");
  for (int i = 0; i < 20; ++i) call(other, ends);
  bus.advance(100ms);
  EXPECT_EQ(large.begun.size(), before + 20);
  EXPECT_EQ(ends[Fault::Kind::busy], 0);
  small.let_go();
  large.let_go();
  bus.advance(2s);
  for (int i = 0; i < 20; ++i) call(other, ends);
  bus.advance(100ms);
  EXPECT_FALSE(small.begun.empty()) << "it takes calls again";
  small.let_go();
  large.let_go();
}

TEST(Fullness, calls_one_after_the_other_never_find_it_full) {
  std::map<Fault::Kind, int> ends;
  Hanging hanging(1);
  LocalBus bus;
  bus.serve(hanging.service);
  Bus& client = bus.connect();
  for (int i = 0; i < 200; ++i) {
    call(client, ends);
    bus.advance(9ms);
    hanging.let_go();
    bus.advance(1ms);
  }
  EXPECT_EQ(ends[Fault::Kind::ok], 200);
}

TEST(Fullness, what_the_program_says_comes_first) {
  std::map<Fault::Kind, int> ends;
  Hanging hanging(1);
  LocalBus bus;
  Bus& server = bus.serve(hanging.service);
  Bus& client = bus.connect();
  call(client, ends);
  bus.advance(1s);
  server.set_state(InstanceState::away);
  bus.advance(10ms);
  EXPECT_EQ(state_of(bus, client), InstanceState::away);
  server.set_state(InstanceState::available);
  bus.advance(10ms);
  EXPECT_EQ(state_of(bus, client), InstanceState::dnd);
  hanging.let_go();
  bus.advance(2s);
  EXPECT_EQ(state_of(bus, client), InstanceState::available);
}

}  // namespace
}  // namespace xbus
