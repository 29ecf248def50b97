// The methods by which a service is looked after: who may, and what they do.
#include "rpc/administration.hpp"

#include <gtest/gtest.h>

#include "rpc/local_bus.hpp"
#include "tests/rpc/calc_service.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace calc_service;

TEST(Administration, admins_and_the_services_own_account_may_look_after_it) {
  Service service("s");
  service.admins({"root@localhost"}).allow({"*"});
  CalleeOptions options = Desk::home();
  options.own = {"service@localhost"};
  Desk desk(service, options);
  const auto ask = [&](const char* method, const char* from) {
    return *desk.type(desk.ask(method, {}, {}, jabber_rpc::Dialect::extended, from));
  };
  for (const char* method : {stats_method, drain_method, log_level_method}) {
    EXPECT_EQ(ask(method, "user@localhost/a"), "error");
    EXPECT_EQ(ask(method, "root@localhost/a"), "result");
    EXPECT_EQ(ask(method, "service@localhost/other"), "result");
  }
}

TEST(Administration, only_those_who_may_are_told_of_it) {
  Service service("s");
  service.admins({"root@localhost"});
  Desk desk(service);
  const auto listed = [&](const char* from) {
    const Value names = desk.value(desk.ask("system.listMethods", {}, {}, jabber_rpc::Dialect::extended, from));
    return names.as_array().size();
  };
  EXPECT_EQ(listed("user@localhost/a"), 4u);
  EXPECT_EQ(listed("root@localhost/a"), 7u);
  EXPECT_TRUE(service.describe().methods.empty());
  EXPECT_TRUE(service.describe().types.all().empty());
}

TEST(Administration, what_nobody_stands_behind_is_unavailable) {
  Service service("s");
  service.admins({"*"});
  Desk desk(service);
  EXPECT_EQ(desk.kind(desk.ask(drain_method)), Fault::Kind::unavailable);
  EXPECT_EQ(desk.kind(desk.ask(log_level_method)), Fault::Kind::unavailable);
  EXPECT_EQ(from_value<ServiceStats>(desk.value(desk.ask(stats_method))).methods.size(), 2u);
}

TEST(Administration, stats_come_over_the_bus) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  calc.version("1.2").admins({"tester@localhost"});
  bus.serve(calc);
  EXPECT_EQ((bus.call<int>("calc", "add", 2, 3)), 5);
  const auto stats = bus.call<ServiceStats>("calc", stats_method);
  EXPECT_EQ(stats.service, "calc");
  EXPECT_EQ(stats.version, "1.2");
  EXPECT_EQ(stats.running, 0) << "this call is none of its work";
  ASSERT_EQ(stats.methods.size(), 1u);
  EXPECT_EQ(stats.methods[0].method, "add");
  EXPECT_EQ(stats.methods[0].calls, 1);
  EXPECT_EQ(stats.bounds, latency_bounds_seconds());
}

TEST(Administration, the_log_level_is_told_and_changed) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  calc.admins({"tester@localhost"});
  std::vector<LogLevel> changes;
  BusOptions options;
  options.on_log_level = [&](LogLevel level) { changes.push_back(level); };
  Bus& server = bus.connect("service", options);
  bus.wait(server.serve(calc));
  EXPECT_EQ(bus.call<LogLevel>("calc", log_level_method), LogLevel::info);
  EXPECT_EQ((bus.call<LogLevel>("calc", log_level_method, LogLevel::debug)), LogLevel::debug);
  EXPECT_EQ(bus.call<LogLevel>("calc", log_level_method), LogLevel::debug);
  EXPECT_EQ(changes, std::vector{LogLevel::debug});
  EXPECT_EQ(kind_of(bus, bus.connect().service("calc").call<Value>(log_level_method, "loud")), Fault::Kind::invalid);
}

TEST(Administration, a_drained_service_finishes_what_runs_and_leaves) {
  Service calc("calc");
  LocalBus bus;
  define(calc);
  calc.admins({"tester@localhost"});
  Completion<int> later;
  calc.method("later", [later]() -> Task<int> { co_return co_await later; });
  bus.serve(calc);
  Bus& client = bus.connect();
  std::optional<int> answer;
  spawn([](Bus& from, std::optional<int>& out) -> Task<void> {
    auto calling = from.service("calc").call<int>("later");
    out = co_await std::move(calling);
  }(client, answer));
  bus.advance(std::chrono::milliseconds(10));
  EXPECT_EQ(bus.call<int64_t>("calc", drain_method), 1);
  bus.advance(std::chrono::seconds(1));
  EXPECT_EQ(kind_of(bus, client.service("calc").call<int>("add", 1, 2)), Fault::Kind::unavailable);
  EXPECT_FALSE(answer);
  later.complete(7);
  bus.advance(std::chrono::seconds(1));
  EXPECT_EQ(answer, 7);
  EXPECT_TRUE(bus.wait(client.list()).empty());
}

TEST(Administration, a_program_that_has_more_to_do_is_asked_to_drain) {
  Service calc("calc");
  LocalBus bus;
  calc.admins({"tester@localhost"});
  int asked = 0;
  BusOptions options;
  options.on_drain = [&] { ++asked; };
  bus.wait(bus.connect("service", options).serve(calc));
  bus.call<int64_t>("calc", drain_method);
  bus.call<int64_t>("calc", drain_method);
  bus.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace xbus
