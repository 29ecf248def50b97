// Stats: how calls are counted and what is told of them.
#include "rpc/stats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "rpc/convert.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

TEST(Stats, a_latency_falls_into_the_class_of_the_first_bound_that_holds_it) {
  MethodRecord record;
  for (const Duration took : {Duration(0), Duration(100us), Duration(101us), Duration(10s), Duration(10s + 1ns)})
    record.ended(FaultKind::ok, took);
  record.ended(FaultKind::forbidden);  // was never worked on
  const MethodStats stats = MethodStats::of("m", record);
  ASSERT_EQ(stats.latency.size(), latency_bounds.size() + 1);
  EXPECT_EQ(stats.latency[0], 2);
  EXPECT_EQ(stats.latency[1], 1);
  EXPECT_EQ(stats.latency[latency_bounds.size() - 1], 1);
  EXPECT_EQ(stats.latency.back(), 1);
  EXPECT_EQ(stats.calls, 6);
  EXPECT_EQ(stats.outcomes, (std::map<std::string, int64_t>{{"ok", 5}, {"forbidden", 1}}));
  EXPECT_NEAR(stats.seconds, 20.000201, 1e-8);
}

TEST(Stats, the_bounds_ascend) {
  EXPECT_TRUE(std::is_sorted(latency_bounds.begin(), latency_bounds.end(), std::less_equal<>()));
  EXPECT_EQ(latency_bounds_seconds().front(), 0.0001);
  EXPECT_EQ(latency_bounds_seconds().back(), 10);
}

TEST(Stats, a_quantile_lies_in_the_class_that_holds_it) {
  MethodStats stats;
  const std::vector<double> bounds = {1, 2, 4};
  stats.latency = {0, 0, 0, 0};
  EXPECT_FALSE(stats.quantile(bounds, 0.5));
  stats.latency = {2, 2, 0, 0};
  EXPECT_EQ(stats.quantile(bounds, 0.25), 0.5);
  EXPECT_EQ(stats.quantile(bounds, 0.5), 1);
  EXPECT_EQ(stats.quantile(bounds, 0.75), 1.5);
  EXPECT_EQ(stats.quantile(bounds, 7), 2);
  stats.latency = {0, 0, 0, 3};
  EXPECT_EQ(stats.quantile(bounds, 0.5), 4);
  EXPECT_FALSE(stats.quantile({}, 0.5));
}

// The numbers of one method, as the service tells them.
MethodStats told(const Service& service, std::string_view method, Time now = {}) {
  for (MethodStats& each : service.stats(now).methods)
    if (each.method == method) return each;
  return {};
}

using Outcomes = std::map<std::string, int64_t>;

TEST(Stats, each_call_is_counted_once_by_its_outcome) {
  Service service("s");
  service.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  service.method("ops", [] {}).allow({"ops@localhost"});
  service.method("crash", []() -> int { throw std::runtime_error("no"); });
  Desk desk(service);
  desk.ask("add", {1, 2});
  desk.ask("add", {1});
  Metadata late;
  late.deadline = 0ms;
  desk.ask("add", {1, 2}, late);
  desk.ask("ops");
  desk.ask("crash");
  desk.ask("nothing.here");
  xml::Element iq("iq", std::string(xml::ns_client));
  iq.set("type", "set").set("id", "x").set("from", "user@localhost/a");
  iq.add(xml::Element("query", "jabber:iq:rpc")).add("methodCall");
  desk.callee.on_iq(iq, desk.now);
  desk.message(xml::Element("notify", std::string(ns_call)));
  EXPECT_EQ(told(service, "add").outcomes, (Outcomes{{"ok", 1}, {"invalid", 1}, {"timeout", 1}}));
  EXPECT_EQ(told(service, "ops").outcomes, (Outcomes{{"forbidden", 1}}));
  EXPECT_EQ(told(service, "crash").outcomes, (Outcomes{{"failed", 1}}));
  EXPECT_EQ(told(service, no_method).outcomes, (Outcomes{{"no-such-method", 1}, {"malformed", 2}}));
  int64_t worked = 0;
  for (const int64_t count : told(service, "add").latency) worked += count;
  EXPECT_EQ(worked, 2) << "what came too late was not worked on";
}

TEST(Stats, a_result_that_cannot_be_sent_is_counted_as_what_the_caller_was_told) {
  Service service("s");
  service.method("big", [] { return std::string(2000, 'x'); });
  Desk desk(service);
  desk.bytes = 1000;
  EXPECT_EQ(desk.kind(desk.ask("big")), Fault::Kind::too_big);
  EXPECT_EQ(told(service, "big").outcomes, (Outcomes{{"too-big", 1}}));
}

TEST(Stats, what_runs_and_how_long_it_took) {
  Service service("s");
  Completion<int> later;
  service.method("later", [later]() -> Task<int> { co_return co_await later; });
  Desk desk(service);
  desk.now = Time(100s);
  desk.ask("later");
  EXPECT_EQ(told(service, "later").running, 1);
  EXPECT_EQ(service.stats(Time(101s)).running, 1);
  EXPECT_EQ(service.stats(Time(101s)).uptime, 101s) << "served since 0";
  desk.now += 3s;
  later.complete(1);
  const MethodStats stats = told(service, "later");
  EXPECT_EQ(stats.running, 0);
  EXPECT_EQ(stats.seconds, 3);
  EXPECT_EQ(stats.outcomes, (Outcomes{{"ok", 1}}));
}

TEST(Stats, an_answer_repeated_from_the_memory_of_keys_is_told_apart) {
  Service service("s");
  service.method("m", [] { return 1; });
  Desk desk(service);
  Metadata keyed;
  keyed.key = "k";
  desk.ask("m", {}, keyed);
  desk.ask("m", {}, keyed);
  EXPECT_EQ(told(service, "m").repeated, 1);
  EXPECT_EQ(told(service, "m").outcomes, (Outcomes{{"ok", 2}}));
}

TEST(Stats, a_call_that_waits_for_a_thread_is_queued) {
  Service service("s");
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::atomic<int> begun = 0;
  service.method("block", [gone, &begun] {
    ++begun;
    gone.wait();
    return 1;
  }).on_threads(1);
  Desk desk(service);
  desk.ask("block");
  while (begun == 0) std::this_thread::yield();
  desk.ask("block");
  EXPECT_EQ(told(service, "block").queued, 1);
  EXPECT_EQ(told(service, "block").running, 2);
  EXPECT_EQ(service.stats({}).queued, 1);
  go.set_value();
  desk.run_posted([&] { return desk.sent.size() == 2; });
  EXPECT_EQ(told(service, "block").queued, 0);
  EXPECT_EQ(told(service, "block").running, 0);
}

TEST(Stats, a_service_that_is_served_anew_goes_on_counting) {
  Service service("s");
  Completion<int> later;
  service.method("later", [later]() -> Task<int> { co_return co_await later; });
  service.method("m", [] {});
  {
    Desk desk(service);
    desk.ask("m");
    desk.ask("later");
  }
  EXPECT_EQ(told(service, "later").running, 0);
  Desk desk(service);
  desk.ask("m");
  EXPECT_EQ(told(service, "m").calls, 2);
  later.complete(1);
}

TEST(Stats, stats_are_a_value_like_any_other) {
  MethodRecord record;
  record.ended(FaultKind::ok, 3ms);
  ServiceStats stats{"s", "1", 5s, 0, 0, latency_bounds_seconds(), {MethodStats::of("m", record)}};
  const auto back = from_value<ServiceStats>(to_value(stats));
  EXPECT_EQ(back.uptime, 5s);
  EXPECT_EQ(back.bounds, stats.bounds);
  ASSERT_EQ(back.methods.size(), 1u);
  EXPECT_EQ(back.methods[0].latency, stats.methods[0].latency);
  EXPECT_EQ(back.methods[0].outcomes, stats.methods[0].outcomes);
}

}  // namespace
}  // namespace xbus
