// The Callee: who may call, deadlines, cancels, keys, limits, drains; with no bus, on a clock of its own.
#include "rpc/callee.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "bus/xmpp/stanza.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using jabber_rpc::Dialect;

// A service at work: what it sends is kept, what its threads post is run by the test.
class Desk {
 public:
  explicit Desk(Service& service, CalleeOptions options = home())
      : callee(service, {[this](const xml::Element& stanza) { return send(stanza); },
                         [this](std::function<void()> fn) { post(std::move(fn)); }, [this] { return now; },
                         [this](const Call&, std::string_view what) { crashes.emplace_back(what); }},
               std::move(options)) {}

  static CalleeOptions home() {
    CalleeOptions options;
    options.home = {"*@localhost"};
    options.registry_domain = "services.localhost";
    options.bridges = {*xmpp::Jid::parse("bridge@localhost")};
    return options;
  }

  // Sends a call and returns its id.
  std::string ask(const std::string& method, Value::Array args = {}, Metadata metadata = {},
                  Dialect dialect = Dialect::extended, const std::string& from = "user@localhost/a") {
    const std::string id = std::to_string(++ids_);
    auto query = jabber_rpc::write_call({method, std::move(args), std::move(metadata), dialect});
    xml::Element iq = xmpp::iq(xmpp::IqType::set, id, *xmpp::Jid::parse("service@localhost/1"), *query);
    iq.set("from", from);
    callee.on_iq(iq, now);
    return id;
  }
  void message(xml::Element payload, const std::string& from = "user@localhost/a") {
    xml::Element message = xmpp::message(xmpp::MessageType::headline, *xmpp::Jid::parse("service@localhost/1"));
    message.set("from", from);
    message.add(std::move(payload));
    EXPECT_TRUE(callee.on_message(message, now, wall));
  }
  void cancel(const std::string& id, const std::string& from = "user@localhost/a") {
    message(xml::Element("cancel", std::string(ns_call)).set("id", id), from);
  }
  void pass(Duration by) {
    const Time until = now + by;
    while (callee.next_time() && *callee.next_time() <= until) {
      now = *callee.next_time();
      callee.on_time(now);
    }
    now = until;
  }

  // The answer to a call; nullopt when there is none.
  std::optional<Outcome> answer(const std::string& id) const {
    for (const xml::Element& stanza : sent)
      if (stanza.attr_or("id", "") == id) return jabber_rpc::read_answer(stanza);
    return {};
  }
  Value value(const std::string& id) const {
    const auto outcome = answer(id);
    if (!outcome || !*outcome) {
      ADD_FAILURE() << (outcome ? outcome->error().what() : "no answer");
      return {};
    }
    return **outcome;
  }
  Fault fault(const std::string& id) const {
    const auto outcome = answer(id);
    if (!outcome || *outcome) {
      ADD_FAILURE() << (outcome ? "a value" : "no answer");
      return Fault(Fault::Kind::ok);
    }
    return outcome->error();
  }
  Fault::Kind kind(const std::string& id) const { return fault(id).kind(); }
  const std::string* type(const std::string& id) const {
    for (const xml::Element& stanza : sent)
      if (stanza.attr_or("id", "") == id) return stanza.attr("type");
    return nullptr;
  }

  // Runs what threads have posted until `done`.
  void run_posted(const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    while (!done()) {
      ASSERT_TRUE(changed_.wait_for(lock, 10s, [this] { return !posted_.empty(); }));
      auto fn = std::move(posted_.front());
      posted_.pop_front();
      lock.unlock();
      fn();
      lock.lock();
    }
  }

  Time now{};
  Timestamp wall{};
  std::vector<xml::Element> sent;
  std::vector<std::string> crashes;
  size_t bytes = 1 << 20;  // what the server takes
  Callee callee;

 private:
  bool send(const xml::Element& stanza) {
    if (xml::write(stanza).size() > bytes) return false;
    sent.push_back(stanza);
    return true;
  }
  void post(std::function<void()> fn) {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(fn));
    changed_.notify_all();
  }

  int ids_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
};

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

TEST(Callee, one_key_one_work) {
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

TEST(Callee, a_key_that_is_being_worked_on_is_waited_for_together) {
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

TEST(Callee, what_came_too_late_is_remembered_under_its_key) {
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

TEST(Callee, beyond_its_limits_it_is_busy) {
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
  EXPECT_FALSE(desk.answer(desk.ask("two")));
  later[1].complete(2);
  EXPECT_EQ(desk.value(b), Value(2));
}

TEST(Callee, the_service_has_a_limit_as_a_whole) {
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

TEST(Callee, notifies_are_worked_on_and_not_answered) {
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

TEST(Callee, a_stored_notify_loses_the_time_it_was_stored) {
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

TEST(Callee, draining_finishes_what_runs_and_takes_nothing_new) {
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

TEST(Callee, blocking_handlers_run_on_threads) {
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

TEST(Callee, a_coroutine_does_not_block) {
  Service service("s");
  EXPECT_THROW(service.method("m", []() -> Task<int> { co_return 1; }).blocking(), std::invalid_argument);
  EXPECT_THROW(service.method("n", {"a"}, [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("m", [] {}), std::invalid_argument);
  EXPECT_THROW(service.method("a-b", [] {}), std::invalid_argument);
}

TEST(Callee, destroyed_while_handlers_run_their_answers_go_nowhere) {
  Service service("s");
  Completion<int> later;
  service.method("m", [&]() -> Task<int> { co_return co_await later; });
  {
    Desk desk(service);
    desk.ask("m");
  }
  later.complete(1);
}

TEST(Callee, a_result_that_cannot_be_sent_is_a_fault_that_says_so) {
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

TEST(Callee, arguments_by_reference_live_as_long_as_the_coroutine) {
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

}  // namespace
}  // namespace xbus
