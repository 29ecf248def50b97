// The Callee: who may call, faults, deadlines and cancels; with no bus, on a clock of its own.
#include "rpc/callee.hpp"

#include <gtest/gtest.h>

#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using jabber_rpc::Dialect;

TEST(Callee, answers_plain_handlers_and_coroutines) {
  Service calc("calc");
  Completion<int> later;
  calc.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
  calc.method("later", {"a"}, [later](int a) -> Task<int> { co_return a + co_await later; });
  calc.method("nothing", [] {});
  Desk desk(calc);
  EXPECT_EQ(desk.value(desk.ask("add", {2, 3})), Value(5));
  EXPECT_EQ(desk.value(desk.ask("nothing")), Value());
  EXPECT_EQ(desk.value(desk.ask("nothing", {}, {}, Dialect::strict)), Value(true));
  const auto id = desk.ask("later", {1});
  EXPECT_FALSE(desk.answer(id));
  EXPECT_EQ(desk.callee.running(), 1u);
  later.complete(41);
  EXPECT_EQ(desk.value(id), Value(42));
  EXPECT_EQ(desk.callee.running(), 0u);
}

TEST(Callee, RPC_04_a_fault_of_the_handler_travels_in_a_result) {
  Service service("s");
  service.method("no", []() -> int { throw Fault(17, "out of paper"); });
  service.method("forbidden", []() -> int { throw Fault(Fault::Kind::forbidden, "not yours"); });
  Desk desk(service);
  const auto no = desk.ask("no");
  EXPECT_EQ(desk.fault(no), Fault(17, "out of paper"));
  EXPECT_EQ(*desk.type(no), "result");
  const auto forbidden = desk.ask("forbidden");
  EXPECT_EQ(desk.fault(forbidden), Fault(Fault::Kind::forbidden, "not yours"));
  EXPECT_EQ(*desk.type(forbidden), "result");
}

TEST(Callee, RPC_06_a_caller_without_permission_is_told_forbidden) {
  Service service("s");
  int runs = 0;
  service.method("open", [&] { ++runs; }).allow({"*"});
  service.method("ops", [&] { ++runs; }).allow({"ops@*/*"});
  service.method("home", [&] { ++runs; });
  Desk desk(service);
  const auto ask = [&](const char* method, const char* from) {
    return desk.type(desk.ask(method, {}, {}, Dialect::strict, from));
  };
  EXPECT_EQ(*ask("open", "x@far.example/1"), "result");
  EXPECT_EQ(*ask("ops", "ops@far.example/1"), "result");
  EXPECT_EQ(*ask("home", "x@localhost/1"), "result");
  EXPECT_EQ(runs, 3);
  const auto id = desk.ask("home", {}, {}, Dialect::strict, "x@far.example/1");
  EXPECT_EQ(*desk.type(id), "error");
  const auto error = xmpp::stanza_error_from(desk.sent.back());
  EXPECT_EQ(error.condition, xmpp::Condition::forbidden);
  EXPECT_EQ(error.type, xmpp::ErrorType::auth);
  EXPECT_EQ(*ask("ops", "x@localhost/1"), "error");
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(desk.callee.counters().refused, 2u);
}

TEST(Callee, RPC_07_what_a_stranger_may_not_call_cannot_be_told_from_what_is_not_there) {
  Service service("s");
  service.method("home", [] {});
  Desk desk(service);
  desk.ask("home", {}, {}, Dialect::strict, "x@far.example/1");
  desk.ask("nothing.here", {}, {}, Dialect::strict, "x@far.example/1");
  auto there = desk.sent[0], not_there = desk.sent[1];
  there.unset("id");
  not_there.unset("id");
  EXPECT_EQ(there, not_there);
}

TEST(Callee, RPC_22_unknown_methods_and_wrong_arguments_are_faults) {
  Service service("s");
  service.method("add", {"a", "b"}, [](int a, std::optional<int> b) { return a + b.value_or(0); });
  Desk desk(service);
  EXPECT_EQ(desk.fault(desk.ask("sub")).code(), -32601);
  EXPECT_EQ(desk.value(desk.ask("add", {1})), Value(1));
  EXPECT_EQ(desk.fault(desk.ask("add")).message(), "a: missing");
  EXPECT_EQ(desk.fault(desk.ask("add", {1, 2, 3})).code(), -32602);
  EXPECT_EQ(desk.fault(desk.ask("add", {"x"})).message(), "a: expected int32, found string");
  xml::Element iq("iq", std::string(xml::ns_client));
  iq.set("type", "set").set("id", "x").set("from", "user@localhost/a");
  iq.add(xml::Element("query", "jabber:iq:rpc")).add("methodCall");
  desk.callee.on_iq(iq, desk.now);
  EXPECT_EQ(desk.fault("x").code(), -32700);
}

TEST(Callee, a_crash_tells_its_text_to_admins_only) {
  Service service("s");
  service.admins({"root@localhost"});
  service.method("crash", []() -> int { throw std::runtime_error("secret path"); });
  service.method("crash.later", []() -> Task<int> {
    throw std::runtime_error("secret path");
    co_return 1;
  });
  Desk desk(service);
  for (const char* method : {"crash", "crash.later"}) {
    EXPECT_EQ(desk.fault(desk.ask(method)), Fault(Fault::Kind::failed, "the handler failed"));
    EXPECT_EQ(desk.fault(desk.ask(method, {}, {}, Dialect::strict, "root@localhost/a")).message(), "secret path");
  }
  EXPECT_EQ(desk.crashes, std::vector<std::string>(4, "secret path"));
  EXPECT_EQ(desk.callee.counters().crashed, 4u);
}

TEST(Callee, a_call_on_behalf_of_another_is_believed_from_registry_and_bridges_only) {
  Service service("s");
  service.method("who", [](Call& call) { return call.caller + " via " + call.via; }).allow({"*"});
  Desk desk(service);
  Metadata metadata;
  metadata.on_behalf_of = "Guest@Far.example/x";
  const auto who = [&](const char* from) { return desk.ask("who", {}, metadata, Dialect::extended, from); };
  EXPECT_EQ(desk.value(who("s@services.localhost/token")), Value("guest@far.example/x via s@services.localhost/token"));
  EXPECT_EQ(desk.value(who("bridge@localhost/any")), Value("guest@far.example/x via bridge@localhost/any"));
  for (const char* liar : {"user@localhost/a", "s@services.other/token", "bridge@other/any", "services.localhost.evil/x"}) {
    const auto id = who(liar);
    EXPECT_EQ(desk.kind(id), Fault::Kind::forbidden) << liar;
    EXPECT_EQ(*desk.type(id), "error");
  }
  metadata.on_behalf_of = "@@";
  EXPECT_EQ(desk.kind(who("bridge@localhost/any")), Fault::Kind::malformed);
  metadata.on_behalf_of = "anonymous";
  EXPECT_EQ(desk.value(who("bridge@localhost/any")), Value("anonymous via bridge@localhost/any"));
}

TEST(Callee, the_access_list_sees_the_caller_proper) {
  Service service("s");
  service.method("home", [] {});
  Desk desk(service);
  Metadata metadata;
  metadata.on_behalf_of = "anonymous";
  EXPECT_EQ(desk.kind(desk.ask("home", {}, metadata, Dialect::extended, "bridge@localhost/b")), Fault::Kind::forbidden);
  metadata.on_behalf_of = "user@localhost/x";
  EXPECT_EQ(desk.value(desk.ask("home", {}, metadata, Dialect::extended, "s@services.localhost/t")), Value());
}

TEST(Callee, an_expired_call_is_not_worked_on) {
  Service service("s");
  int runs = 0;
  service.method("m", [&] { ++runs; });
  Desk desk(service);
  Metadata metadata;
  metadata.deadline = 0ms;
  EXPECT_EQ(desk.kind(desk.ask("m", {}, metadata)), Fault::Kind::timeout);
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(desk.callee.counters().expired, 1u);
}

TEST(Callee, at_the_deadline_the_handler_is_told_and_its_result_dropped) {
  Service service("s");
  Completion<int> never;
  bool told = false;
  std::optional<Call> seen;
  service.method("m", [&](Call& call) -> Task<int> {
    seen = call;
    call.on_cancel([&] { told = true; });
    co_return co_await never;
  });
  Desk desk(service);
  Metadata metadata;
  metadata.deadline = 500ms;
  const auto id = desk.ask("m", {}, metadata);
  EXPECT_EQ(seen->deadline, desk.now + 500ms);
  desk.pass(499ms);
  EXPECT_FALSE(seen->cancelled());
  desk.pass(1ms);
  EXPECT_TRUE(told);
  EXPECT_TRUE(seen->cancelled());
  EXPECT_EQ(desk.kind(id), Fault::Kind::timeout);
  EXPECT_EQ(desk.sent.size(), 1u);
  never.complete(1);
  EXPECT_EQ(desk.sent.size(), 1u);
  EXPECT_EQ(desk.callee.counters().late, 1u);
  EXPECT_EQ(desk.callee.running(), 0u);
}

TEST(Callee, only_the_caller_cancels) {
  Service service("s");
  Completion<int> never;
  service.method("m", [&]() -> Task<int> { co_return co_await never; });
  Desk desk(service);
  const auto id = desk.ask("m");
  desk.cancel(id, "user@localhost/b");
  desk.cancel("other");
  EXPECT_FALSE(desk.answer(id));
  desk.cancel(id);
  EXPECT_EQ(desk.kind(id), Fault::Kind::cancelled);
  desk.cancel(id);
  EXPECT_EQ(desk.callee.counters().cancelled, 1u);
  never.complete(1);
  EXPECT_EQ(desk.sent.size(), 1u);
}

TEST(Callee, a_call_that_has_an_id_of_its_own_is_cancelled_by_that) {
  Service service("s");
  Completion<int> never;
  service.method("m", [&]() -> Task<int> { co_return co_await never; });
  Desk desk(service);
  Metadata metadata;
  metadata.id = "mine";
  const auto id = desk.ask("m", {}, metadata);
  desk.cancel(id);
  EXPECT_FALSE(desk.answer(id));
  desk.cancel("mine");
  EXPECT_EQ(desk.kind(id), Fault::Kind::cancelled);
  never.complete(1);
}

}  // namespace
}  // namespace xbus
