// Plays of our client against our server over a wire that is cut: a call's answer comes exactly once, wherever that
// happens (XEP-0198 section 5).
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>

#include "bus/client/client.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/server/cut_wire.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using client::Answer;
using client::Client;
using client::State;
using testing::ElementsAre;
using testing::IsEmpty;

client::Options resuming() {
  client::Options options;
  options.domain = "localhost";
  options.resource = "caller";
  options.resume = client::Options::Resume::at_once;
  return options;
}

// A service that answers each call, at once or when told, and counts them.
struct Work {
  explicit Work(Bus& b) : bus(b), actor(b, "work") { actor.login("w"); }
  // Answers all that came; what each was asked.
  void answer() {
    for (const auto& stanza : actor.stanzas()) {
      if (stanza.attr_or("type", "") != "get") continue;
      ++calls;
      actor.send("<iq type='result' to='" + std::string(stanza.attr_or("from", "")) + "' id='" +
                 std::string(stanza.attr_or("id", "")) + "'/>");
    }
  }
  Bus& bus;
  Actor actor;
  int calls = 0;
};

struct Caller {
  explicit Caller(Bus& b, client::Options options = resuming())
      : bus(b), wire(b, "ann"), client(b.loop, std::move(options), [this] { return wire.connect(); }) {
    client.on_state([this](State state) { states.push_back(state); });
    spawn([](Client& it) -> Task<void> { (void)co_await it.connect(); }(client));
  }
  bool online() {
    return bus.loop.run_until([&] { return client.state() == State::online; }, 30s);
  }
  void ask(Duration deadline = 60s) {
    client.request(*xmpp::Jid::parse("work@localhost/w"), "get", xmpp::ping(), deadline,
                   [this](Answer answer) {
                     answers.push_back(answer.kind);
                     last = answer.error;
                   });
  }
  Bus& bus;
  CutWire wire;
  std::vector<State> states;
  std::vector<Answer::Kind> answers;
  xmpp::StanzaError last;
  Client client;
};

TEST(ResumeClient, SM_16_a_cut_between_request_and_answer_goes_unnoticed) {
  Bus bus;
  Work work(bus);
  Caller caller(bus);
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.ask();
  bus.settle();
  caller.wire.cut();
  bus.settle();
  work.answer();  // while the caller is away
  EXPECT_EQ(work.calls, 1);
  caller.ask();  // and while it is away it asks again
  EXPECT_TRUE(bus.loop.run_until(
      [&] {
        work.answer();
        return caller.answers.size() == 2;
      },
      30s));
  bus.loop.advance(30s);
  EXPECT_THAT(caller.answers, ElementsAre(Answer::Kind::result, Answer::Kind::result));
  EXPECT_EQ(work.calls, 2);
  EXPECT_EQ(caller.wire.connections, 2);
  // Nobody who waits for a state has to say anything again.
  EXPECT_THAT(caller.states, ElementsAre(State::connecting, State::online));
  EXPECT_EQ(caller.client.answers_dropped(), 0u);
}

// The wire is cut behind each byte that either side says, from the login on: each call is carried out at most once, its
// answer comes exactly once, and once the session stood, none is lost.
TEST(ResumeClient, SM_13_cut_behind_each_byte_every_answer_comes_once) {
  for (const bool by_client : {true, false}) {
    for (size_t at = 1;; ++at) {
      Bus bus;
      Work work(bus);
      Caller caller(bus);
      (by_client ? caller.wire.cut_after_client : caller.wire.cut_after_server) = at;
      ASSERT_TRUE(caller.online()) << at;
      bus.settle();
      const bool resumable = caller.wire.cuts == 0;
      for (int i = 0; i < 3; ++i) {
        caller.ask();
        bus.settle();
        work.answer();
      }
      ASSERT_TRUE(bus.loop.run_until(
          [&] {
            work.answer();
            return caller.answers.size() == 3;
          },
          100s))
          << (by_client ? "client " : "server ") << at << ": " << caller.answers.size();
      bus.loop.advance(20s);
      work.answer();
      ASSERT_EQ(caller.answers.size(), 3u) << at;
      ASSERT_LE(work.calls, 3) << at;
      if (resumable) {
        ASSERT_EQ(caller.client.answers_dropped(), 0u) << at;
        ASSERT_THAT(caller.answers, testing::Each(Answer::Kind::result)) << at;
        ASSERT_EQ(work.calls, 3) << at;
      }
      if (caller.wire.cuts == 0) break;  // everything was said before
    }
  }
}

TEST(ResumeClient, SM_21_a_session_that_is_not_resumed_leaves_the_outcome_unknown) {
  Options options;
  options.resume_time_max = 10s;
  Bus bus(options);
  Work work(bus);
  Caller caller(bus);
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.ask();
  bus.settle();
  // Away for longer than the server waits: what it had handled has an outcome nobody knows, what it had not has none.
  caller.wire.down = true;
  caller.wire.cut();
  bus.settle();
  caller.ask();
  bus.loop.advance(20s);
  caller.wire.down = false;
  EXPECT_THAT(caller.answers, ElementsAre(Answer::Kind::lost, Answer::Kind::not_sent));
  EXPECT_EQ(work.calls, 0);
  EXPECT_TRUE(caller.online());
  // Now there is a new session, and everybody was told so.
  EXPECT_THAT(caller.states, testing::Contains(State::offline));
  bus.settle();
  work.actor.forget();
  caller.ask();
  bus.settle();
  work.answer();
  bus.settle();
  EXPECT_EQ(caller.answers.back(), Answer::Kind::result);
}

// The stanza behind which an acknowledgement was asked for is no exception: what the server has taken may have been done.
TEST(ResumeClient, SM_14_what_was_acknowledged_is_never_said_not_to_have_been_sent) {
  Options options;
  options.resume_time_max = 10s;
  Bus bus(options);
  Work work(bus);
  Caller caller(bus);
  ASSERT_TRUE(caller.online());
  bus.settle();
  for (uint32_t i = 0; i < limits::unacked_ask_stanzas; ++i) caller.ask();
  bus.settle();
  caller.wire.down = true;
  caller.wire.cut();
  bus.settle();
  caller.ask();
  bus.loop.advance(20s);
  caller.wire.down = false;
  ASSERT_TRUE(caller.online());
  EXPECT_EQ(std::count(caller.answers.begin(), caller.answers.end(), Answer::Kind::lost), limits::unacked_ask_stanzas);
  EXPECT_EQ(caller.answers.back(), Answer::Kind::not_sent);
  EXPECT_EQ(caller.last.condition, xmpp::Condition::recipient_unavailable);
}

client::Options resuming_later() {
  auto options = resuming();
  options.resume = client::Options::Resume::later;
  return options;
}

TEST(ResumeClient, SM_01_a_short_session_asks_for_nothing) {
  Bus bus;
  Work work(bus);
  Caller caller(bus, resuming_later());
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.ask();
  bus.settle();
  caller.wire.cut();
  bus.settle();
  EXPECT_THAT(caller.answers, ElementsAre(Answer::Kind::lost));
}

TEST(ResumeClient, SM_16_a_session_that_lasts_is_resumed_with_what_was_asked_before) {
  Bus bus;
  Work work(bus);
  Caller caller(bus, resuming_later());
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.ask();
  bus.loop.advance(1s);
  caller.wire.cut();
  bus.settle();
  work.answer();
  EXPECT_TRUE(bus.loop.run_until([&] { return !caller.answers.empty(); }, 30s));
  EXPECT_THAT(caller.answers, ElementsAre(Answer::Kind::result));
}

// How much of it was handled nobody counts.
TEST(ResumeClient, SM_14_what_was_asked_before_the_session_was_managed_may_have_been_done) {
  Options options;
  options.resume_time_max = 10s;
  Bus bus(options);
  Work work(bus);
  Caller caller(bus, resuming_later());
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.ask();
  bus.loop.advance(1s);
  caller.wire.down = true;
  caller.wire.cut();
  bus.settle();
  caller.ask();
  bus.loop.advance(20s);
  EXPECT_THAT(caller.answers, ElementsAre(Answer::Kind::lost, Answer::Kind::not_sent));
}

TEST(ResumeClient, SM_10_what_has_begun_to_serve_is_missed_at_once) {
  Bus bus;
  Work work(bus);
  Caller caller(bus, resuming_later());
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.client.resume(client::Options::Resume::never);
  bus.loop.advance(2s);
  caller.wire.cut();
  bus.settle();
  EXPECT_EQ(caller.client.state(), State::offline);
  ASSERT_TRUE(caller.online());
  // And to resume again, when it serves no more.
  caller.client.resume(client::Options::Resume::later);
  caller.wire.cut();
  ASSERT_TRUE(bus.loop.run_until([&] { return caller.wire.connections == 3 && caller.client.state() == State::online; }, 60s));
  bus.loop.advance(1s);
  caller.wire.cut();
  bus.settle();
  EXPECT_EQ(caller.client.state(), State::online);
}

TEST(ResumeClient, SM_17_a_client_that_goes_says_so_to_the_server) {
  Bus bus;
  Work work(bus);
  CutWire wire(bus, "ann");
  std::optional<Client> client(std::in_place, bus.loop, resuming(), [&] { return wire.connect(); });
  spawn([](Client& it) -> Task<void> { (void)co_await it.connect(); }(*client));
  ASSERT_TRUE(bus.loop.run_until([&] { return client->state() == State::online; }, 30s));
  bus.settle();
  client.reset();
  bus.settle();
  work.actor.send("<iq type='get' to='ann@localhost/caller' id='1'><q xmlns='urn:q'/></iq>");
  auto got = work.actor.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
}

TEST(ResumeClient, SM_11_a_client_holds_back_before_its_own_bound) {
  Bus bus;
  Work work(bus);
  Caller caller(bus);
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.wire.cut();
  bus.settle();
  ASSERT_EQ(caller.client.state(), State::online);
  size_t taken = 0;
  const auto big = xmpp::message(xmpp::MessageType::normal, *xmpp::Jid::parse("work@localhost/w"));
  xml::Element message = big;
  message.add("body").add_text(std::string(100'000, 'x'));
  while (taken < 1000 && caller.client.send(message)) ++taken;
  EXPECT_EQ(taken, limits::unacked_bytes_max / xml::write(message, xml::ns_client).size());
  // They all come, once, when there is a connection again.
  EXPECT_TRUE(bus.loop.run_until([&] { return caller.wire.connections == 2; }, 10s));
  bus.loop.advance(5s);
  EXPECT_EQ(work.actor.stanzas().size(), taken);
  bus.loop.advance(10s);
  EXPECT_TRUE(caller.client.send(message));
}

TEST(ResumeClient, SM_17_close_ends_the_session_at_the_server) {
  Bus bus;
  Work work(bus);
  Caller caller(bus);
  ASSERT_TRUE(caller.online());
  bus.settle();
  bool closed = false;
  spawn([](Client& it, bool& done) -> Task<void> {
    co_await it.close();
    done = true;
  }(caller.client, closed));
  bus.settle();
  EXPECT_TRUE(closed);
  work.actor.send("<iq type='get' to='ann@localhost/caller' id='1'><q xmlns='urn:q'/></iq>");
  auto got = work.actor.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
}

TEST(ResumeClient, a_stream_error_is_no_cut) {
  Bus bus;
  Work work(bus);
  Caller caller(bus);
  ASSERT_TRUE(caller.online());
  bus.settle();
  caller.ask();
  Actor other(bus, "ann");
  other.login("caller");  // takes the resource
  bus.settle();
  EXPECT_THAT(caller.answers, ElementsAre(Answer::Kind::lost));
  EXPECT_EQ(caller.client.state(), State::closed);
}

}  // namespace
}  // namespace xbus::server
