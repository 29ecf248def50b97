// The limits of calls as they stand in bus/limits.hpp, each to its edge and one beyond.
#include <gtest/gtest.h>

#include "rpc/local_bus.hpp"
#include "rpc/peers.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using jabber_rpc::Dialect;

TEST(CallLimits, a_service_works_on_running_calls_max) {
  Service service("s");
  std::vector<Completion<int>> hung;
  service.method("m", [&]() -> Task<int> {
    const Completion<int> mine = hung.emplace_back();
    co_return co_await mine;
  });
  Desk desk(service);
  for (size_t i = 1; i < limits::running_calls_max; ++i) desk.ask("m");
  EXPECT_FALSE(desk.callee.occupancy().full);
  const auto last = desk.ask("m");
  EXPECT_EQ(desk.callee.running(), limits::running_calls_max);
  EXPECT_TRUE(desk.callee.occupancy().full);
  EXPECT_TRUE(desk.sent.empty());
  EXPECT_EQ(desk.kind(desk.ask("m")), Fault::Kind::busy);
  EXPECT_EQ(desk.kind(desk.ask("system.listMethods")), Fault::Kind::busy) << "the limit of all is one for all";
  hung.front().complete(1);
  const auto again = desk.ask("m");
  hung.back().complete(2);
  EXPECT_EQ(desk.value(again), Value(2));
  EXPECT_FALSE(desk.answer(last));
  for (const auto& each : hung) each.complete(0);
}

TEST(CallLimits, a_service_may_not_have_more_than_that) {
  Service service("s");
  service.at_once(limits::running_calls_max + 1).method("m", [] { return 1; });
  CalleeOptions options = Desk::home();
  options.running_calls = 1;
  Completion<int> later;
  service.method("n", [&]() -> Task<int> { co_return co_await later; });
  Desk desk(service, options);
  desk.ask("n");
  EXPECT_EQ(desk.kind(desk.ask("m")), Fault::Kind::busy);
  later.complete(1);
}

TEST(CallLimits, a_call_that_states_no_deadline_has_call_time_default) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  Desk desk(service);
  const auto id = desk.ask("m", {}, {}, Dialect::strict);
  desk.pass(limits::call_time_default - 1ns);
  EXPECT_FALSE(desk.answer(id));
  desk.pass(1ns);
  EXPECT_EQ(desk.kind(id), Fault::Kind::timeout);
  later.complete(1);
}

TEST(CallLimits, no_call_lasts_longer_than_call_time_max) {
  Service service("s");
  LocalBus bus;
  std::vector<Completion<int>> hung;
  std::vector<Duration> left;
  service.method("m", [&](Call& call) -> Task<int> {
    left.push_back(call.deadline - call.arrived);
    const Completion<int> mine = hung.emplace_back();
    co_return co_await mine;
  });
  bus.serve(service);
  Bus& client = bus.connect();
  std::optional<Fault::Kind> ended[2];
  const auto call = [&](Duration timeout, std::optional<Fault::Kind>& out) {
    CallOptions options;
    options.timeout = timeout;
    spawn([](Remote remote, std::optional<Fault::Kind>& end) -> Task<void> {
      try {
        auto calling = remote.call<int>("m");
        (void)co_await std::move(calling);
        end = Fault::Kind::ok;
      } catch (const Fault& fault) {
        end = fault.kind();
      }
    }(client.service("s").with(options), out));
  };
  call(limits::call_time_max, ended[0]);
  call(limits::call_time_max + 1h, ended[1]);
  bus.advance(limits::call_time_max - 1s);
  EXPECT_EQ(left, std::vector<Duration>(2, limits::call_time_max));
  EXPECT_FALSE(ended[0] || ended[1]);
  bus.advance(2s);
  EXPECT_EQ(ended[0], Fault::Kind::timeout);
  EXPECT_EQ(ended[1], Fault::Kind::timeout);
  for (const auto& each : hung) each.complete(0);
}

TEST(CallLimits, one_connection_remembers_peers_max) {
  LocalBus bus;
  Peers peers(bus.connect().client());
  const auto jid = [](size_t i) { return *xmpp::Jid::make("p" + std::to_string(i), "localhost"); };
  for (size_t i = 0; i < limits::peers_max; ++i) peers.learn(jid(i), {Dialect::extended, true});
  EXPECT_EQ(peers.known(), limits::peers_max);
  peers.learn(jid(0), {Dialect::extended, true});
  EXPECT_EQ(peers.known(), limits::peers_max) << "known already";
  peers.learn(jid(limits::peers_max), {Dialect::extended, true});
  EXPECT_EQ(peers.known(), 1u);
  // What has been forgotten is asked again: this one is not there, so nothing is known of it.
  EXPECT_EQ(bus.wait(peers.traits(jid(1), bus.now() + 1s)).dialect, Dialect::strict);
  EXPECT_EQ(bus.wait(peers.traits(jid(limits::peers_max), bus.now() + 1s)).dialect, Dialect::extended);
}

TEST(CallLimits, answers_are_remembered_up_to_idempotency_bytes_max) {
  KeyMemory memory;
  const auto id = [](int i) { return KeyMemory::Id{"user@localhost", std::to_string(i)}; };
  memory.remember(id(0), 0, Value(std::string(100, 'x')), Time());
  const size_t around = memory.bytes() - 100;
  // Three and what is left: exactly all of it.
  constexpr size_t large = 16 * 1024 * 1024;
  for (int i = 1; i < 4; ++i) memory.remember(id(i), 0, Value(std::string(large, 'x')), Time());
  const size_t left = limits::idempotency_bytes_max - memory.bytes() - around;
  memory.remember(id(4), 0, Value(std::string(left, 'x')), Time());
  EXPECT_EQ(memory.bytes(), limits::idempotency_bytes_max);
  EXPECT_EQ(memory.size(), 5u);
  memory.remember(id(5), 0, Value(std::string(100, 'x')), Time());
  EXPECT_EQ(memory.size(), 5u);
  EXPECT_EQ(memory.find(id(0), Time()), nullptr);
  EXPECT_NE(memory.find(id(1), Time()), nullptr);
  EXPECT_LE(memory.bytes(), limits::idempotency_bytes_max);
}

}  // namespace
}  // namespace xbus
