#include "bus/server/login_guard.hpp"

#include "bus/limits_login.hpp"

#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Verdict = LoginGuard::Verdict;

constexpr Time start{1h};

net::PeerAddress peer(std::string text, bool loopback = false) {
  return {std::move(text), loopback, {}, {}};
}

TEST(LoginGuard, addresses_are_counted_by_customer) {
  LoginGuard guard({});
  EXPECT_EQ(guard.group_of(peer("192.0.2.1:4711")), "192.0.2.1");
  EXPECT_NE(guard.group_of(peer("192.0.2.1:1")), guard.group_of(peer("192.0.2.2:1")));
  std::string one = guard.group_of(peer("[2001:db8:1:2::3]:4711"));
  EXPECT_FALSE(one.empty());
  EXPECT_EQ(one, guard.group_of(peer("[2001:db8:1:2:ffff::9]:1")));
  EXPECT_NE(one, guard.group_of(peer("[2001:db8:1:3::3]:4711")));
  // An IPv4 address on an IPv6 socket is one address, not a /64 of all of them.
  EXPECT_NE(guard.group_of(peer("[::ffff:192.0.2.1]:1")),
            guard.group_of(peer("[::ffff:192.0.2.2]:1")));
}

TEST(LoginGuard, who_is_known_to_the_kernel_is_not_counted) {
  LoginGuard guard({});
  EXPECT_EQ(guard.group_of({"unix", true, 1000, 1}), "");
  EXPECT_EQ(guard.group_of(peer("pipe", true)), "");
  EXPECT_EQ(guard.group_of(peer("127.0.0.1:1", true)), "127.0.0.1");
  LoginGuard exempt({.loopback = false});
  EXPECT_EQ(exempt.group_of(peer("127.0.0.1:1", true)), "");
  EXPECT_EQ(exempt.group_of(peer("[::1]:1", true)), "");
  EXPECT_NE(exempt.group_of(peer("192.0.2.1:1")), "");
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(guard.failed("", start).banned_now);
  EXPECT_EQ(guard.connected("", start), Verdict::welcome);
  EXPECT_EQ(guard.size(), 0u);
}

TEST(LoginGuard, login_failures_prompt_then_each_waits_twice_as_long) {
  LoginGuard guard({});
  for (size_t i = 0; i < limits::login_failures_prompt; ++i)
    EXPECT_EQ(guard.failed("a", start).delay, 0s);
  EXPECT_EQ(guard.failed("a", start).delay, limits::login_delay_least);
  EXPECT_EQ(guard.failed("a", start).delay, 2 * limits::login_delay_least);
  for (int i = 0; i < 20; ++i) EXPECT_LE(guard.failed("a", start).delay, limits::login_delay_max);
  EXPECT_EQ(guard.failed("a", start).delay, limits::login_delay_max);
  EXPECT_EQ(guard.failed("b", start).delay, 0s);
}

TEST(LoginGuard, login_failures_max_is_the_edge_and_login_ban_time_ends_it) {
  LoginGuard guard({});
  for (size_t i = 1; i < limits::login_failures_max; ++i)
    EXPECT_FALSE(guard.failed("a", start).banned_now);
  EXPECT_EQ(guard.connected("a", start), Verdict::welcome);
  EXPECT_TRUE(guard.failed("a", start).banned_now);
  EXPECT_EQ(guard.connected("a", start), Verdict::banned);
  EXPECT_EQ(guard.connected("b", start), Verdict::welcome);
  EXPECT_FALSE(guard.failed("a", start + 1s).banned_now);  // it is already
  Time over = start + limits::login_ban_time;
  EXPECT_TRUE(guard.banned("a", over - 1ns));
  EXPECT_EQ(guard.connected("a", over), Verdict::welcome);
}

TEST(LoginGuard, failures_are_forgiven_over_login_failures_time) {
  LoginGuard guard({});
  for (size_t i = 1; i < limits::login_failures_max; ++i) guard.failed("a", start);
  EXPECT_EQ(guard.failed("a", start + limits::login_failures_time).delay, 0s);
  // One now and then for ever is a person, not a guesser.
  Time now = start;
  for (int i = 0; i < 1000; ++i) {
    now += Duration(limits::login_failures_time) / static_cast<int64_t>(limits::login_failures_max);
    ASSERT_FALSE(guard.failed("b", now).banned_now);
  }
}

TEST(LoginGuard, connections_prelogin_per_address_max_is_given_back_by_whoever_waits_no_more) {
  LoginGuard guard({});
  for (size_t i = 0; i < limits::connections_prelogin_per_address_max; ++i)
    ASSERT_EQ(guard.connected("a", start), Verdict::welcome);
  EXPECT_EQ(guard.connected("a", start + 1h), Verdict::too_many);
  EXPECT_EQ(guard.connected("b", start), Verdict::welcome);
  // Not with the table of addresses, which forgets.
  for (size_t i = 0; i < limits::login_addresses_max; ++i) guard.failed(std::to_string(i), start);
  EXPECT_EQ(guard.connected("a", start), Verdict::too_many);
  guard.waits_no_more("a");
  EXPECT_EQ(guard.connected("a", start), Verdict::welcome);
  EXPECT_EQ(guard.connected("a", start), Verdict::too_many);
  EXPECT_EQ(guard.waiting(), 2u);
  for (size_t i = 0; i < limits::connections_prelogin_per_address_max; ++i) guard.waits_no_more("a");
  guard.waits_no_more("b");
  EXPECT_EQ(guard.waiting(), 0u);
}

TEST(LoginGuard, connections_that_are_not_counted_may_be_counted_later) {
  LoginGuard guard({.connections_open_max = 0});
  for (int i = 0; i < 200; ++i) ASSERT_EQ(guard.connected("a", start), Verdict::welcome);
  guard.set_options({});
  EXPECT_EQ(guard.connected("a", start), Verdict::too_many);
  for (int i = 0; i < 200; ++i) guard.waits_no_more("a");
  EXPECT_EQ(guard.connected("a", start), Verdict::welcome);
}

TEST(LoginGuard, connections_per_address_max_is_given_back_by_a_login) {
  LoginGuard guard({.connections_open_max = 0});
  for (size_t i = 0; i < limits::connections_per_address_max; ++i)
    ASSERT_EQ(guard.connected("a", start), Verdict::welcome);
  EXPECT_EQ(guard.connected("a", start), Verdict::too_many);
  EXPECT_EQ(guard.connected("b", start), Verdict::welcome);
  guard.logged_in("a", start);
  EXPECT_EQ(guard.connected("a", start), Verdict::welcome);
  EXPECT_EQ(guard.connected("a", start), Verdict::too_many);
  // In the long run some are let in each second.
  for (size_t i = 0; i < limits::connections_per_second_per_address_max; ++i)
    EXPECT_EQ(guard.connected("a", start + 1s), Verdict::welcome);
  EXPECT_EQ(guard.connected("a", start + 1s), Verdict::too_many);
}

TEST(LoginGuard, login_addresses_max_forgets_whom_it_has_not_heard_of_longest) {
  LoginGuard guard({.failures_max = limits::sasl_attempts_max});
  for (size_t i = 0; i < limits::sasl_attempts_max; ++i) guard.failed("banned", start);
  for (size_t i = 1; i < limits::login_addresses_max; ++i) guard.failed(std::to_string(i), start);
  EXPECT_EQ(guard.size(), limits::login_addresses_max);
  EXPECT_TRUE(guard.banned("banned", start));
  guard.failed("1", start);  // heard of again
  guard.failed("one more", start);
  EXPECT_EQ(guard.size(), limits::login_addresses_max);
  EXPECT_FALSE(guard.banned("banned", start));
}

// ---- On a bus ----

constexpr std::string_view wrong =
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>";
const net::PeerAddress home{"127.0.0.1:4711", true, {}, {}};

size_t failures(const Actor& actor) {
  size_t count = 0;
  for (size_t at = actor.all().find("<failure"); at != std::string::npos;
       at = actor.all().find("<failure", at + 1))
    ++count;
  return count;
}

TEST(LoginGuard, the_answer_to_a_failed_login_waits_and_so_does_the_next_try) {
  Bus bus;
  Actor eve(bus, ListenerKind::plain_loopback, home);
  eve.send(Actor::default_header);
  for (size_t i = 0; i < limits::login_failures_prompt; ++i) eve.send(wrong);
  EXPECT_EQ(failures(eve), limits::login_failures_prompt);
  eve.send(wrong);
  eve.send(wrong);
  EXPECT_EQ(failures(eve), limits::login_failures_prompt);
  bus.loop.advance(limits::login_delay_least);
  EXPECT_EQ(failures(eve), limits::login_failures_prompt + 1);
  bus.loop.advance(2 * limits::login_delay_least);
  EXPECT_EQ(failures(eve), limits::login_failures_prompt + 2);
  // Several tries in one write gain nothing but the end.
  eve.send(std::string(wrong) + std::string(wrong));
  EXPECT_EQ(failures(eve), limits::login_failures_prompt + 2);
  bus.loop.advance(limits::login_delay_max);
  EXPECT_THAT(eve.all(), HasSubstr("<policy-violation"));
  EXPECT_TRUE(eve.closed());
}

TEST(LoginGuard, after_too_many_failures_the_address_is_banned_for_a_time) {
  Options options;
  options.guard.failures_max = 2 * limits::sasl_attempts_max;
  options.guard.ban_time = 60s;
  options.login_time_max = 300s;
  Bus bus(options);
  Actor waiting(bus, ListenerKind::plain_loopback, home), local(bus, "ann");
  Actor elsewhere(bus, ListenerKind::plain_loopback, {"127.0.0.2:1", true, {}, {}});
  waiting.send(Actor::default_header);
  elsewhere.send(Actor::default_header);
  local.login("a");
  for (int connection = 0; connection < 2; ++connection) {
    Actor eve(bus, ListenerKind::plain_loopback, home);
    eve.send(Actor::default_header);
    for (size_t i = 0; i < limits::sasl_attempts_max; ++i) eve.put(wrong);
    bus.settle();
    bus.loop.advance(limits::sasl_attempts_max * limits::login_delay_max);
    EXPECT_TRUE(eve.closed());
  }
  // What it had open without a login has ended, and it is told why at the door.
  EXPECT_THAT(waiting.all(), HasSubstr("<policy-violation"));
  EXPECT_TRUE(waiting.closed());
  Actor again(bus, ListenerKind::plain_loopback, {"127.0.0.1:4712", true, {}, {}});
  bus.settle();
  EXPECT_THAT(again.all(), HasSubstr("<policy-violation"));
  EXPECT_THAT(again.all(), HasSubstr("too many failed logins"));
  EXPECT_TRUE(again.closed());
  EXPECT_FALSE(elsewhere.closed());
  EXPECT_FALSE(local.closed());
  EXPECT_EQ(std::count_if(bus.log.begin(), bus.log.end(),
                          [](const LogLine& line) { return line.event == "address_banned"; }),
            1);
  bus.loop.advance(60s);
  Actor later(bus, ListenerKind::plain_loopback, home);
  later.send(Actor::default_header);
  EXPECT_THAT(later.all(), HasSubstr("<mechanism>"));
}

TEST(LoginGuard, a_component_with_a_wrong_secret_counts) {
  Options options;
  options.guard.failures_max = 3;
  Bus bus(options);
  bus.server.allow_component("c.localhost", "secret");
  auto connect = [&](std::string_view proof) {
    auto actor = std::make_unique<Actor>(bus, ListenerKind::component, home);
    actor->send(
        "<stream:stream xmlns='jabber:component:accept' "
        "xmlns:stream='http://etherx.jabber.org/streams' to='c.localhost'>");
    actor->send("<handshake>" + std::string(proof) + "</handshake>");
    return actor;
  };
  for (int i = 0; i < 3; ++i) EXPECT_THAT(connect("00")->all(), HasSubstr("<not-authorized"));
  EXPECT_THAT(connect("00")->all(), HasSubstr("<policy-violation"));
}

TEST(LoginGuard, connections_of_one_address_are_bounded) {
  Options options;
  options.guard.connections_max = 3;
  options.guard.connections_per_second = 1;
  Bus bus(options);
  std::vector<std::unique_ptr<Actor>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(std::make_unique<Actor>(bus, ListenerKind::plain_loopback, home));
  bus.settle();
  EXPECT_FALSE(all[2]->closed());
  EXPECT_TRUE(all[3]->closed());
  EXPECT_THAT(all[3]->all(), HasSubstr("<resource-constraint"));
  Actor elsewhere(bus, ListenerKind::plain_loopback, {"127.0.0.2:1", true, {}, {}});
  bus.settle();
  EXPECT_FALSE(elsewhere.closed());
  bus.loop.advance(1s);
  Actor later(bus, ListenerKind::plain_loopback, home);
  bus.settle();
  EXPECT_FALSE(later.closed());
}

// connections_prelogin_per_address_max on a bus: of one address, or one network of IPv6.
TEST(LoginGuard, who_has_one_address_locks_out_nobody_who_has_another) {
  Bus bus;
  std::vector<std::unique_ptr<Actor>> waiting;
  const auto come = [&](const std::string& from, bool loopback = false) -> Actor& {
    waiting.push_back(std::make_unique<Actor>(bus, ListenerKind::starttls, net::PeerAddress{from, loopback, {}, {}}));
    bus.settle();
    return *waiting.back();
  };
  for (const auto& [first, other] : {std::pair("192.0.2.1:4711", "192.0.2.2:4711"),
                                     std::pair("[2001:db8:1:2::3]:4711", "[2001:db8:1:3::3]:4711")}) {
    SCOPED_TRACE(first);
    waiting.clear();
    for (size_t i = 0; i < limits::connections_prelogin_per_address_max; ++i) come(first);
    EXPECT_FALSE(waiting.back()->closed());
    Actor& over = come(first);
    EXPECT_TRUE(over.closed());
    EXPECT_THAT(over.all(), HasSubstr("<resource-constraint"));
    EXPECT_FALSE(come(other).closed());
    waiting.erase(waiting.begin());
    bus.settle();
    EXPECT_FALSE(come(first).closed());
    EXPECT_TRUE(come(first).closed());
  }
  EXPECT_TRUE(come("[2001:db8:1:2:ffff::9]:1").closed());
}

}  // namespace
}  // namespace xbus::server
