// Bus and Remote over a whole bus in memory: calls, outcomes, balance, watch, retries, cancels, leaving.
#include "rpc/bus.hpp"

#include <gtest/gtest.h>

#include <set>

#include "bus/net/timer.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/local_bus.hpp"
#include "tests/rpc/calc_service.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using namespace calc_service;
using registry::InstanceState;

TEST(Bus, a_call_finds_the_service_by_name) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  bus.serve(calc);
  EXPECT_EQ((bus.call<int>("calc", "add", 2, 3)), 5);
  EXPECT_EQ((bus.call<int>("CALC", "add", 2, 3)), 5);
  EXPECT_EQ((bus.call<Point>("calc", "move", Point{1, 2})), (Point{2, 3}));
  EXPECT_EQ((bus.call<std::string>("calc", "who")).substr(0, 17), "tester@localhost/");
}

TEST(Bus, between_peers_of_ours_the_extended_dialect_is_spoken) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  bus.serve(calc);
  EXPECT_EQ((bus.call<Value>("calc", "big", int64_t{1} << 40)), Value(int64_t{1} << 40));
  EXPECT_EQ((bus.call<Value>("calc", "big", int64_t{0})), Value());
}

TEST(Bus, four_outcomes_are_told_apart) {
  Service service("s");
  LocalBus bus;
  std::vector<Completion<int>> hung;
  service.method("no", []() -> int { throw Fault(17, "out of paper"); });
  service.method("hang", [&]() -> Task<int> {
    const Completion<int> never = hung.emplace_back();
    co_return co_await never;
  });
  Bus& server = bus.serve(service);
  Bus& client = bus.connect();
  EXPECT_EQ(kind_of(bus, client.service("nobody").call<int>("m")), Fault::Kind::unavailable);
  EXPECT_EQ(fault_of(bus, client.service("s").call<int>("no")), Fault(17, "out of paper"));
  CallOptions short_time;
  short_time.timeout = 2s;
  const Time begun = bus.now();
  EXPECT_EQ(kind_of(bus, client.service("s").with(short_time).call<int>("hang")), Fault::Kind::timeout);
  EXPECT_EQ(bus.now() - begun, 2s);

  std::optional<Fault> outcome;
  spawn([](Bus& from, std::optional<Fault>& out) -> Task<void> {
    try {
      auto calling = from.service("s").call<int>("hang");
      (void)co_await std::move(calling);
    } catch (const Fault& fault) {
      out = fault;
    }
  }(client, outcome));
  bus.advance(100ms);
  EXPECT_FALSE(outcome);
  bus.drop(server);
  bus.advance(900ms);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind(), Fault::Kind::lost);
  for (const auto& each : hung) each.complete(0);
}

TEST(Bus, RPC_23_nobody_there_is_no_fault_of_the_method) {
  LocalBus bus;
  Bus& a = bus.connect("a");
  Bus& b = bus.connect("b");
  EXPECT_EQ(kind_of(bus, a.entity(b.jid().str()).call<int>("m")), Fault::Kind::unavailable);
  EXPECT_EQ(kind_of(bus, a.entity("b@localhost/gone").call<int>("m")), Fault::Kind::unavailable);
  EXPECT_EQ(kind_of(bus, a.entity("far.example/x").call<int>("m")), Fault::Kind::no_such_domain);
  EXPECT_EQ(kind_of(bus, a.entity("@@").call<int>("m")), Fault::Kind::invalid);
}

TEST(Bus, through_the_registry_the_caller_is_still_known) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  bus.serve(calc);
  Bus& client = bus.connect("guest");
  EXPECT_EQ(bus.wait(client.entity("calc@services.localhost").call<std::string>("who")), client.jid().str());
  EXPECT_EQ(fault_of(bus, client.entity("calc@services.localhost").call<int>("no")), Fault(17, "out of paper"));
}

TEST(Bus, a_strict_caller_through_the_registry_gets_strict_answers) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  bus.serve(calc);
  Bus& client = bus.connect("foreign");
  const auto ask = [&](const std::string& method, Value::Array args) {
    const auto query = jabber_rpc::write_call({method, std::move(args), {}, jabber_rpc::Dialect::strict});
    const auto to = *xmpp::Jid::parse("calc@services.localhost");
    return jabber_rpc::read_answer(bus.wait(client.client().request(to, "set", *query)).stanza);
  };
  bus.advance(1s);  // until the registry has heard what the instance reads
  EXPECT_EQ(*ask("add", {2, 3}), Value(5));
  EXPECT_EQ(*ask("big", {7}), Value("7"));
  EXPECT_EQ(*ask("who", {}), Value(client.jid().str()));
}

TEST(Bus, leaving_finishes_what_runs) {
  Service service("s");
  LocalBus bus;
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  Bus& server = bus.serve(service);
  Bus& client = bus.connect();
  std::optional<int> answer;
  spawn([](Bus& from, std::optional<int>& out) -> Task<void> {
    auto calling = from.service("s").call<int>("m");
    out = co_await std::move(calling);
  }(client, answer));
  bus.advance(10ms);
  bool left = false;
  spawn([](Bus& from, Service& what, bool& out) -> Task<void> {
    auto leaving = from.leave(what);
    co_await std::move(leaving);
    out = true;
  }(server, service, left));
  bus.advance(1s);
  EXPECT_FALSE(left);
  EXPECT_EQ(kind_of(bus, client.service("s").call<int>("m")), Fault::Kind::unavailable);
  later.complete(7);
  bus.advance(1s);
  EXPECT_TRUE(left);
  EXPECT_EQ(answer, 7);
  EXPECT_TRUE(bus.wait(client.list()).empty());
}

TEST(Bus, nothing_is_repeated_unless_it_is_said_and_may_be) {
  Service service("s");
  LocalBus bus;
  int runs = 0;
  service.method("m", [&]() -> int {
    if (++runs < 3) throw Fault(Fault::Kind::busy);
    return runs;
  });
  bus.serve(service);
  Bus& client = bus.connect();
  CallOptions options;
  EXPECT_EQ(kind_of(bus, client.service("s").with(options).call<int>("m")), Fault::Kind::busy);
  options.retry = {5, 10ms};
  EXPECT_EQ(kind_of(bus, client.service("s").with(options).call<int>("m")), Fault::Kind::busy);
  EXPECT_EQ(runs, 2);
  runs = 0;
  options.idempotent = true;
  EXPECT_EQ(bus.wait(client.service("s").with(options).call<int>("m")), 3);
  runs = 0;
  options.retry.attempts = 2;
  EXPECT_EQ(kind_of(bus, client.service("s").with(options).call<int>("m")), Fault::Kind::busy);
}

TEST(Bus, a_retry_waits_for_a_service_that_is_not_there_yet) {
  Service service("s");
  LocalBus bus;
  service.method("m", [] { return 1; });
  Bus& client = bus.connect();
  Bus& server = bus.connect("service");
  CallOptions options;
  options.idempotent = true;
  options.retry = {10, 50ms};
  std::optional<int> answer;
  spawn([](Remote remote, std::optional<int>& out) -> Task<void> {
    auto calling = remote.call<int>("m");
    out = co_await std::move(calling);
  }(client.service("s").with(options), answer));
  bus.advance(100ms);
  EXPECT_FALSE(answer);
  bus.wait(server.serve(service));
  bus.advance(5s);
  EXPECT_EQ(answer, 1);
}

TEST(Bus, one_key_is_worked_on_once) {
  Service service("s");
  LocalBus bus;
  int runs = 0;
  service.method("m", [&] { return ++runs; });
  bus.serve(service);
  Bus& client = bus.connect();
  CallOptions options;
  options.key = "order-17";
  EXPECT_EQ(bus.wait(client.service("s").with(options).call<int>("m")), 1);
  EXPECT_EQ(bus.wait(client.service("s").with(options).call<int>("m")), 1);
  EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 2);
}

TEST(Bus, a_cancelled_call_ends_at_once_and_its_handler_is_told) {
  Service service("s");
  LocalBus bus;
  Completion<int> never;
  bool told = false;
  service.method("m", [&](Call& call) -> Task<int> {
    call.on_cancel([&] { told = true; });
    co_return co_await never;
  });
  bus.serve(service);
  Bus& client = bus.connect();
  CallOptions options;
  const Cancel cancel;
  options.cancel = cancel;
  std::optional<Fault> outcome;
  spawn([](Remote remote, std::optional<Fault>& out) -> Task<void> {
    try {
      auto calling = remote.call<int>("m");
      (void)co_await std::move(calling);
    } catch (const Fault& fault) {
      out = fault;
    }
  }(client.service("s").with(options), outcome));
  bus.advance(10ms);
  cancel.cancel();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind(), Fault::Kind::cancelled);
  bus.advance(10ms);
  EXPECT_TRUE(told);
  never.complete(1);
}

TEST(Bus, one_cancel_ends_all_the_calls_that_have_it) {
  Service service("s");
  LocalBus bus;
  std::vector<Completion<int>> hung;
  service.method("m", [&]() -> Task<int> {
    const Completion<int> never = hung.emplace_back();
    co_return co_await never;
  });
  bus.serve(service);
  Bus& client = bus.connect();
  CallOptions options;
  const Cancel cancel;
  options.cancel = cancel;
  int cancelled = 0;
  for (int i = 0; i < 3; ++i)
    spawn([](Remote remote, int& out) -> Task<void> {
      try {
        auto calling = remote.call<int>("m");
        (void)co_await std::move(calling);
      } catch (const Fault& fault) {
        out += fault.kind() == Fault::Kind::cancelled;
      }
    }(client.service("s").with(options), cancelled));
  bus.advance(10ms);
  cancel.cancel();
  EXPECT_EQ(cancelled, 3);
  EXPECT_EQ(kind_of(bus, client.service("s").with(options).call<int>("m")), Fault::Kind::cancelled);
  for (const auto& each : hung) each.complete(0);
}

TEST(Bus, the_list_tells_how_busy_an_instance_is) {
  Service service("s");
  LocalBus bus;
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  bus.serve(service);
  Bus& client = bus.connect();
  CallOptions patient;
  patient.timeout = 1h;
  spawn([](Remote remote) -> Task<void> {
    auto calling = remote.call<int>("m");
    (void)co_await std::move(calling);
  }(client.service("s").with(patient)));
  bus.advance(20s);
  EXPECT_EQ(bus.wait(client.list()).at(0).instances.at(0).load, 1u);
  later.complete(1);
  bus.advance(20s);
  EXPECT_EQ(bus.wait(client.list()).at(0).instances.at(0).load, 0u);
}

TEST(Bus, notify_is_one_way) {
  Service service("s");
  LocalBus bus;
  int sum = 0;
  service.method("count", {"n"}, [&](int n) { sum += n; });
  service.method("no", [&] {
    sum += 100;
    throw Fault(17, "out of paper");
  });
  bus.serve(service);
  Bus& client = bus.connect();
  int heard = 0;
  bus.wait(client.service("s").notify("count", 5));
  client.client().on_trace([&](bool outbound, std::string_view) { heard += !outbound; });
  bus.advance(10ms);
  EXPECT_EQ(sum, 5);
  // Whatever becomes of it, nobody says so.
  bus.wait(client.service("s").notify("no"));
  bus.wait(client.service("s").notify("count", "wrong"));
  bus.wait(client.service("s").notify("nothing.here"));
  bus.advance(10s);
  EXPECT_EQ(sum, 105);
  EXPECT_EQ(heard, 0);
  EXPECT_EQ(kind_of(bus, client.service("nobody").notify("count", 5)), Fault::Kind::unavailable);
}

TEST(Bus, a_name_belongs_to_its_account) {
  Service mine("s"), theirs("s");
  LocalBus bus;
  mine.method("m", [] {});
  theirs.method("m", [] {});
  bus.serve(mine, "alice");
  Bus& other = bus.connect("mallory");
  EXPECT_EQ(kind_of(bus, other.serve(theirs)), Fault::Kind::already_exists);
}

TEST(Bus, the_access_list_of_a_method_holds_over_the_bus) {
  Service service("s");
  LocalBus bus;
  service.method("ops", [] { return 1; }).allow({"ops@localhost"});
  bus.serve(service);
  Bus& client = bus.connect("user");
  Bus& ops = bus.connect("ops");
  EXPECT_EQ(kind_of(bus, client.service("s").call<int>("ops")), Fault::Kind::forbidden);
  EXPECT_EQ(bus.wait(ops.service("s").call<int>("ops")), 1);
  // Nobody speaks for ops without being a bridge.
  CallOptions options;
  options.on_behalf_of = "ops@localhost";
  EXPECT_EQ(kind_of(bus, client.service("s").with(options).call<int>("ops")), Fault::Kind::forbidden);
}

TEST(Bus, what_is_too_big_is_refused_here) {
  Service service("s");
  LocalBus bus;
  service.method("size", {"text"}, [](const std::string& text) { return static_cast<int64_t>(text.size()); });
  service.method("text", {"n"}, [](int n) { return std::string(static_cast<size_t>(n), 'x'); });
  bus.serve(service);
  Bus& client = bus.connect();
  EXPECT_EQ(kind_of(bus, client.service("s").call<int64_t>("size", std::string(17 << 20, 'x'))), Fault::Kind::too_big);
  EXPECT_EQ(kind_of(bus, client.service("s").call<std::string>("text", 17 << 20)), Fault::Kind::too_big);
  EXPECT_EQ(bus.wait(client.service("s").call<int64_t>("size", std::string(1000, 'x'))), 1000);
}

TEST(Bus, describes_itself) {
  Service calc("Calc");
  LocalBus bus;
  define(calc);
  calc.version("1.0");
  bus.serve(calc);
  Bus& client = bus.connect();
  const Description description = bus.wait(client.service("calc").describe());
  EXPECT_EQ(description, calc.describe());
  bus.advance(1s);
  const auto services = bus.wait(client.list());
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(services[0].name, "Calc");
  ASSERT_EQ(services[0].instances.size(), 1u);
  EXPECT_EQ(services[0].instances[0].version, "1.0");
  EXPECT_EQ(services[0].instances[0].hash, description.hash());
}

TEST(Bus, an_answer_of_another_type_is_said_to_be_that) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  bus.serve(calc);
  Bus& client = bus.connect();
  const Fault fault = fault_of(bus, client.service("calc").call<std::string>("add", 1, 2));
  EXPECT_EQ(fault.kind(), Fault::Kind::failed);
  EXPECT_EQ(fault.message(), "the answer is of another type: expected string, found int32");
}

TEST(Bus, blocking_handlers_work_under_the_clock_that_waits_for_them) {
  Service service("s");
  LocalBus bus;
  service.method("m", {"n"}, [](int n) { return n * 2; }).on_threads(2);
  bus.serve(service);
  EXPECT_EQ((bus.call<int>("s", "m", 21)), 42);
}

TEST(Bus, services_call_services) {
  Service inner("inner"), outer("outer");
  LocalBus bus;
  inner.method("m", [] { return 20; });
  bus.serve(inner, "a");
  Bus& at = bus.connect("b");
  outer.method("m", [&at]() -> Task<int> {
    auto calling = at.service("inner").call<int>("m");
    co_return co_await std::move(calling) + 1;
  });
  bus.wait(at.serve(outer));
  EXPECT_EQ((bus.call<int>("outer", "m")), 21);
}

TEST(Bus, destroyed_under_a_call_the_call_ends) {
  Service service("s");
  LocalBus bus;
  Completion<int> never;
  service.method("m", [&]() -> Task<int> { co_return co_await never; });
  bus.serve(service);
  Bus& client = bus.connect();
  CallOptions options;
  options.idempotent = true;
  options.retry = {100, 1ms};
  std::optional<Fault> outcome;
  spawn([](Remote remote, std::optional<Fault>& out) -> Task<void> {
    try {
      auto calling = remote.call<int>("m");
      (void)co_await std::move(calling);
    } catch (const Fault& fault) {
      out = fault;
    }
  }(client.service("s").with(options), outcome));
  bus.advance(10ms);
  bus.drop(client);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->kind(), Fault::Kind::lost);
  never.complete(1);
}

}  // namespace
}  // namespace xbus
