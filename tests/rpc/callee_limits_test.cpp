// The Callee: keys, limits, threads, one-way calls, draining, what cannot be sent.
#include <gtest/gtest.h>

#include <cmath>

#include "bus/limits_service.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using jabber_rpc::Dialect;

TEST(CalleeLimits, one_key_one_work) {
  Service service("s");
  int runs = 0;
  service.method("m", {"x"}, [&](int x) { return ++runs * 100 + x; });
  Desk desk(service);
  Metadata metadata;
  metadata.key = "k";
  EXPECT_EQ(desk.value(desk.ask("m", {1}, metadata)), Value(101));
  EXPECT_EQ(desk.value(desk.ask("m", {1}, metadata)), Value(101));
  // From another session of the same account, too: a retry after a reconnection.
  EXPECT_EQ(desk.value(desk.ask("m", {1}, metadata, Dialect::extended, "user@localhost/b")), Value(101));
  EXPECT_EQ(runs, 1);
  // Keys belong to their caller.
  EXPECT_EQ(desk.value(desk.ask("m", {1}, metadata, Dialect::extended, "other@localhost/a")), Value(201));
  EXPECT_EQ(desk.kind(desk.ask("m", {2}, metadata)), Fault::Kind::invalid);
  desk.pass(limits::idempotency_time_max);
  EXPECT_EQ(desk.value(desk.ask("m", {1}, metadata)), Value(301));
  EXPECT_EQ(desk.callee.counters().repeated, 3u);
}

TEST(CalleeLimits, a_key_that_is_being_worked_on_is_waited_for_together) {
  Service service("s");
  Completion<int> later;
  int runs = 0;
  service.method("m", [&]() -> Task<int> {
    ++runs;
    co_return co_await later;
  });
  Desk desk(service);
  Metadata metadata;
  metadata.key = "k";
  const auto first = desk.ask("m", {}, metadata);
  const auto second = desk.ask("m", {}, metadata);
  // The first gives up, the second still waits: the work goes on.
  desk.cancel(first);
  EXPECT_EQ(desk.kind(first), Fault::Kind::cancelled);
  later.complete(7);
  EXPECT_EQ(desk.value(second), Value(7));
  EXPECT_EQ(runs, 1);
}

TEST(CalleeLimits, waiters_per_call_max) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  Desk desk(service);
  Metadata metadata;
  metadata.key = "k";
  const auto first = desk.ask("m", {}, metadata);
  for (size_t i = 1; i < limits::waiters_per_call_max; ++i) desk.ask("m", {}, metadata);
  EXPECT_EQ(desk.kind(desk.ask("m", {}, metadata)), Fault::Kind::busy);
  desk.cancel(first);  // there is room again
  const auto last = desk.ask("m", {}, metadata);
  later.complete(7);
  EXPECT_EQ(desk.value(last), Value(7));
}

TEST(CalleeLimits, those_who_wait_for_running_calls_are_bounded_together) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  CalleeOptions options = Desk::home();
  options.running_calls = 2;
  Desk desk(service, options);
  Metadata metadata;
  metadata.key = "k";
  const auto first = desk.ask("m", {}, metadata), second = desk.ask("m", {}, metadata);
  EXPECT_EQ(desk.kind(desk.ask("m", {}, metadata)), Fault::Kind::busy);
  later.complete(7);
  EXPECT_EQ(desk.value(first), Value(7));
  EXPECT_EQ(desk.value(second), Value(7));
}

TEST(CalleeLimits, what_came_too_late_is_remembered_under_its_key) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  Desk desk(service);
  Metadata metadata;
  metadata.key = "k";
  metadata.deadline = 1s;
  EXPECT_FALSE(desk.answer(desk.ask("m", {}, metadata)));
  desk.pass(1s);
  later.complete(7);
  EXPECT_EQ(desk.value(desk.ask("m", {}, metadata)), Value(7));
}

TEST(CalleeLimits, beyond_its_limits_it_is_busy) {
  Service service("s");
  Completion<int> later[3];
  int begun = 0;
  service.method("two", [&]() -> Task<int> {
    const Completion<int> mine = later[begun++];
    co_return co_await mine;
  }).at_once(2);
  service.method("other", [] { return 1; });
  CalleeOptions options = Desk::home();
  options.running_calls = 3;
  Desk desk(service, options);
  const auto a = desk.ask("two"), b = desk.ask("two"), c = desk.ask("two");
  EXPECT_FALSE(desk.answer(a));
  EXPECT_EQ(desk.kind(c), Fault::Kind::busy);
  EXPECT_EQ(*desk.type(c), "error");
  EXPECT_EQ(desk.value(desk.ask("other")), Value(1));
  EXPECT_EQ(desk.callee.counters().busy, 1u);
  later[0].complete(1);
  EXPECT_EQ(desk.value(a), Value(1));
  const auto d = desk.ask("two");
  EXPECT_FALSE(desk.answer(d));
  later[1].complete(2);
  EXPECT_EQ(desk.value(b), Value(2));
  later[2].complete(3);
  EXPECT_EQ(desk.value(d), Value(3));
}

TEST(CalleeLimits, the_service_has_a_limit_as_a_whole) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  service.method("n", [] { return 1; });
  CalleeOptions options = Desk::home();
  options.running_calls = 1;
  Desk desk(service, options);
  const auto first = desk.ask("m");
  EXPECT_EQ(desk.kind(desk.ask("n")), Fault::Kind::busy);
  later.complete(1);
  EXPECT_EQ(desk.value(first), Value(1));
  EXPECT_EQ(desk.value(desk.ask("n")), Value(1));
}

TEST(CalleeLimits, notifies_are_worked_on_and_not_answered) {
  Service service("s");
  int sum = 0;
  service.method("count", {"n"}, [&](Call& call, int n) {
    EXPECT_TRUE(call.one_way);
    sum += n;
  });
  Desk desk(service);
  const auto notify = [](const std::string& method, Value::Array args) {
    xml::Element out("notify", std::string(ns_call));
    out.add(*jabber_rpc::write_call({method, std::move(args), {}, Dialect::extended}));
    return out;
  };
  desk.message(notify("count", {5}));
  desk.message(notify("count", {"wrong"}));
  desk.message(notify("count", {7}), "x@far.example/1");
  desk.message(xml::Element("notify", std::string(ns_call)));
  EXPECT_EQ(sum, 5);
  EXPECT_TRUE(desk.sent.empty());
  xml::Element chat = xmpp::message(xmpp::MessageType::chat, {});
  EXPECT_FALSE(desk.callee.on_message(chat, desk.now, desk.wall));
}

TEST(CalleeLimits, a_stored_notify_loses_the_time_it_was_stored) {
  Service service("s");
  std::optional<Call> seen;
  service.method("m", [&](Call& call) { seen = call; });
  Desk desk(service);
  desk.wall = Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  xml::Element message = xmpp::message(xmpp::MessageType::normal, {});
  message.set("from", "user@localhost/a");
  Metadata metadata;
  metadata.deadline = 10s;
  message.add(xml::Element("notify", std::string(ns_call)))
      .add(*jabber_rpc::write_call({"m", {}, metadata, Dialect::extended}));
  message.add(xml::Element("delay", "urn:xmpp:delay")).set("stamp", "2025-12-31T23:59:56Z");
  EXPECT_TRUE(desk.callee.on_message(message, desk.now, desk.wall));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->deadline, desk.now + 6s);
  desk.wall += 10s;
  EXPECT_TRUE(desk.callee.on_message(message, desk.now, desk.wall));
  EXPECT_EQ(desk.callee.counters().expired, 1u);
}

TEST(CalleeLimits, draining_finishes_what_runs_and_takes_nothing_new) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  Desk desk(service);
  const auto id = desk.ask("m");
  bool drained = false;
  desk.callee.drain([&] { drained = true; });
  EXPECT_FALSE(drained);
  EXPECT_EQ(desk.kind(desk.ask("m")), Fault::Kind::unavailable);
  later.complete(3);
  EXPECT_EQ(desk.value(id), Value(3));
  EXPECT_TRUE(drained);
}

TEST(CalleeLimits, blocking_handlers_run_on_threads) {
  Service service("s");
  const auto main_thread = std::this_thread::get_id();
  service.method("where", [=] { return std::this_thread::get_id() != main_thread; }).blocking();
  service.method("own", {"n"}, [=](int n) { return n; }).on_threads(2);
  service.method("crash", []() -> int { throw std::runtime_error("x"); }).blocking();
  Desk desk(service);
  const auto where = desk.ask("where"), own = desk.ask("own", {5}), crash = desk.ask("crash");
  desk.run_posted([&] { return desk.sent.size() == 3; });
  EXPECT_EQ(desk.value(where), Value(true));
  EXPECT_EQ(desk.value(own), Value(5));
  EXPECT_EQ(desk.kind(crash), Fault::Kind::failed);
}

TEST(CalleeLimits, a_coroutine_does_not_block) {
  Service service("s");
  EXPECT_THROW(service.method("m", []() -> Task<int> { co_return 1; }).blocking(), std::invalid_argument);
  EXPECT_THROW(service.method("n", {"a"}, [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("m", [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("a-b", [] {}), std::invalid_argument);
}

TEST(CalleeLimits, destroyed_while_handlers_run_their_answers_go_nowhere) {
  Service service("s");
  Completion<int> later;
  std::vector<xml::Element> sent;
  bool ended = false;
  service.method("n", [&]() -> Task<int> {
    co_await later;
    ended = true;
    co_return 1;
  });
  {
    Callee callee(service, {[&](const xml::Element& stanza) { sent.push_back(stanza); return true; },
                            [](std::function<void()> fn) { fn(); }, [] { return Time(); }, {}}, Desk::home());
    const auto query = jabber_rpc::write_call({"n", {}, {}, Dialect::extended});
    xml::Element iq = xmpp::iq(xmpp::IqType::set, "1", *xmpp::Jid::parse("service@localhost/1"), *query);
    callee.on_iq(iq.set("from", "user@localhost/a"), Time());
    EXPECT_EQ(callee.running(), 1u);
  }
  later.complete(1);
  EXPECT_TRUE(ended) << "a handler goes on to its end";
  EXPECT_TRUE(sent.empty());
}

TEST(CalleeLimits, a_result_that_cannot_be_sent_is_a_fault_that_says_so) {
  Service service("s");
  service.method("big", [] { return std::string(5000, 'x'); });
  service.method("control", [] { return std::string("\x01"); });
  service.method("none", [] { return std::optional<int>(); });
  Desk desk(service);
  desk.bytes = 2000;
  EXPECT_EQ(desk.kind(desk.ask("big")), Fault::Kind::too_big);
  EXPECT_EQ(desk.kind(desk.ask("control")), Fault::Kind::failed);
  EXPECT_EQ(desk.value(desk.ask("none")), Value());
  EXPECT_EQ(desk.kind(desk.ask("none", {}, {}, Dialect::strict)), Fault::Kind::failed);
}

TEST(CalleeLimits, arguments_by_reference_live_as_long_as_the_coroutine) {
  Service service("s");
  Completion<int> later;
  service.method("m", {"text"}, [&](const std::string& text) -> Task<std::string> {
    co_await later;
    co_return text;
  });
  Desk desk(service);
  const std::string text(100, 'x');
  const auto id = desk.ask("m", {text});
  later.complete(1);
  EXPECT_EQ(desk.value(id), Value(text));
}

TEST(CalleeLimits, a_handler_that_holds_the_loop_is_named_once) {
  Service service("s");
  Desk* at = nullptr;
  const auto takes = [&at](Duration time) {
    return [&at, time] { at->now += time; };
  };
  service.method("quick", takes(std::chrono::milliseconds(100)));
  service.method("slow", takes(std::chrono::milliseconds(101)));
  Desk desk(service);
  at = &desk;
  for (int i = 0; i < 3; ++i)
    for (const char* method : {"quick", "slow"}) desk.ask(method);
  EXPECT_EQ(desk.blocked, std::vector<std::string>{"slow"});
}

TEST(CalleeLimits, a_result_that_is_no_value_is_not_the_callers_fault) {
  Service service("s");
  service.method("nan", [] { return std::nan(""); });
  service.method("infinite", [] { return std::vector<double>{1, HUGE_VAL}; });
  service.method("wide", [] { return UINT64_MAX; });
  service.method("later", []() -> Task<double> { co_return std::nan(""); });
  service.method("picky", {"number"}, [](double) -> double { throw Fault(Fault::Kind::invalid, "not this one"); });
  Desk desk(service);
  for (const char* method : {"nan", "infinite", "wide", "later"}) {
    const Fault fault = desk.fault(desk.ask(method));
    EXPECT_EQ(fault.kind(), Fault::Kind::failed) << method;
    EXPECT_TRUE(fault.message().starts_with("the result cannot be sent: ")) << fault.message();
  }
  EXPECT_EQ(desk.kind(desk.ask("picky", {1.0})), Fault::Kind::invalid) << "what a handler throws stays as it is";
}

}  // namespace
}  // namespace xbus
