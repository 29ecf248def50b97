#include "services/xbus/live_rates.hpp"

#include <gtest/gtest.h>

#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;

registry::InstanceInfo instance(const std::string& id) {
  registry::InstanceInfo out;
  out.id = id;
  out.jid = *xmpp::Jid::parse("u@localhost/" + id);
  return out;
}

registry::ServiceInfo service(const std::string& name, const std::vector<std::string>& ids) {
  registry::ServiceInfo out;
  out.name = name;
  for (const std::string& id : ids) out.instances.push_back(instance(id));
  return out;
}

ServiceStats counts(int64_t done, int64_t failed, const std::vector<int64_t>& latency) {
  ServiceStats stats;
  stats.bounds = {0.001, 0.01};
  MethodStats method;
  method.method = "go";
  method.calls = done + failed;
  method.outcomes = {{"ok", done}, {"not-found", failed}};
  method.latency = latency;
  MethodStats own;
  own.method = "system.stats";
  own.calls = 1'000'000;
  own.latency = {1'000'000, 0, 0};
  stats.methods = {method, own};
  stats.running = 2;
  return stats;
}

TEST(LiveRates, two_counts_give_rates) {
  LiveRates rates;
  rates.live({service("lamp", {"a", "b"})});
  EXPECT_EQ(rates.rows().size(), 2u);
  EXPECT_FALSE(rates.rows()[0].told);
  rates.counted("u@localhost/a", Time(10s), counts(100, 10, {100, 10, 0}));
  EXPECT_TRUE(rates.rows()[0].told);
  EXPECT_FALSE(rates.rows()[0].calls);
  rates.counted("u@localhost/a", Time(12s), counts(119, 11, {100, 30, 0}));
  const InstanceRates row = rates.rows()[0];
  EXPECT_EQ(row.calls, 10.0);
  EXPECT_EQ(row.errors, 0.5);
  EXPECT_EQ(row.running, 2);
  ASSERT_TRUE(row.p50);
  EXPECT_GT(*row.p50, 0.001);  // only the calls of those two seconds
  EXPECT_LE(*row.p95, 0.01);
}

TEST(LiveRates, a_program_that_begins_anew_has_no_rate_below_zero) {
  LiveRates rates;
  rates.live({service("lamp", {"a"})});
  rates.counted("u@localhost/a", Time(1s), counts(100, 0, {100, 0, 0}));
  rates.counted("u@localhost/a", Time(2s), counts(3, 0, {3, 0, 0}));
  EXPECT_FALSE(rates.rows()[0].calls);
  rates.counted("u@localhost/a", Time(3s), counts(5, 0, {5, 0, 0}));
  EXPECT_EQ(rates.rows()[0].calls, 2.0);
}

TEST(LiveRates, who_left_or_fell_silent_has_no_numbers) {
  LiveRates rates;
  rates.live({service("lamp", {"a", "b"})});
  rates.counted("u@localhost/a", Time(1s), counts(1, 0, {1, 0, 0}));
  rates.counted("u@localhost/a", Time(2s), counts(2, 0, {2, 0, 0}));
  rates.silent("u@localhost/a");
  EXPECT_FALSE(rates.rows()[0].told);
  EXPECT_FALSE(rates.rows()[0].calls);
  rates.live({service("lamp", {"b"})});
  ASSERT_EQ(rates.rows().size(), 1u);
  EXPECT_EQ(rates.rows()[0].instance, "b");
  rates.counted("u@localhost/a", Time(3s), counts(2, 0, {2, 0, 0}));  // late
  rates.silent("u@localhost/a");
  EXPECT_EQ(rates.rows().size(), 1u);
}

TEST(LiveRates, a_row_is_a_value_and_a_line) {
  LiveRates rates;
  rates.live({service("lamp\x1b[2J", {"a"})});
  const Value value = to_value(rates.rows()[0]);
  EXPECT_TRUE(value.find("calls")->is_nil());
  EXPECT_EQ(*value.find("told"), Value(false));
  Terminal terminal;
  const std::string text = rates_view(rates.rows(), terminal);
  EXPECT_NE(text.find("lamp\\u{1b}[2J"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace xbus::cli
