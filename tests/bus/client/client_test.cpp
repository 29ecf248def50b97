#include "bus/client/client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/client/client_fixture.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;
using Kind = Answer::Kind;

TEST_F(ClientTest, logs_in_and_says_who_it_is) {
  Options options;
  options.resource = "balcony";
  online(options);
  EXPECT_EQ(client->jid().str(), "juliet@bus.example/balcony");
  EXPECT_EQ(client->domain(), "bus.example");
  EXPECT_EQ(client->state(), State::online);
  EXPECT_EQ(states, (std::vector{State::connecting, State::online}));
  EXPECT_EQ(client->stanza_bytes_max(), limits::stanza_bytes_max);  // announced
}

TEST_F(ClientTest, logs_in_split_at_every_byte) {
  server.pipe.fragment_bytes = 1;
  online();
  auto& answer = ask("bus.example");
  settle();
  reply("<iq type='result' id='ID' from='bus.example'/>");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::result);
}

TEST_F(ClientTest, logs_in_with_a_password) {
  Options options;
  options.account = "juliet";
  options.password = "secret";
  server.refuse_external = true;
  online(options);
  options.password = "wrong";
  make(options);
  auto login = connect();
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().kind, xmpp::LoginError::Kind::wrong_credentials);
  EXPECT_EQ(client->state(), State::closed);  // trying again makes no sense
}

TEST_F(ClientTest, messages_and_presence_come_in_order_to_all_who_asked) {
  online();
  std::string seen;
  client->on_message([&](const xml::Element& stanza) { seen += "a" + std::string(stanza.attr_or("id", "")); });
  client->on_message([&](const xml::Element& stanza) {
    seen += "b" + std::string(stanza.attr_or("id", ""));
    client->on_message([](const xml::Element&) {});  // while they run
  });
  client->on_presence([&](const xml::Element&) { seen += "p"; });
  server.send("<message id='1'/><presence/><message id='2'/>");
  settle();
  EXPECT_EQ(seen, "a1b1pa2b2");
}

TEST_F(ClientTest, reconnects_by_itself_and_tells) {
  online();
  server.drop();
  settle();
  EXPECT_EQ(client->state(), State::offline);
  EXPECT_TRUE(loop.run_until([&] { return client->state() == State::online; }, 5s));
  EXPECT_EQ(states, (std::vector{State::connecting, State::online, State::offline, State::connecting, State::online}));
  EXPECT_EQ(server.connections, 2);
}

TEST_F(ClientTest, CORE_02_stream_reconnect_waits_longer_and_longer_for_a_server_that_is_away) {
  online();
  server.down = true;
  server.drop();
  loop.advance(10min);
  EXPECT_EQ(client->state(), State::offline);
  auto tries = std::count(states.begin(), states.end(), State::connecting) - 1;
  EXPECT_GE(tries, 10 * 60 / 5);  // the wait grows to 5 s, since this bus is in the same process
  EXPECT_LE(tries, 10 * 60 / 2.5 + 5);
  server.down = false;
  EXPECT_TRUE(loop.run_until([&] { return client->state() == State::online; }, 6s));
}

TEST_F(ClientTest, connect_keeps_trying_unless_told_not_to) {
  server.down = true;
  make();
  auto login = collect(client->connect());
  loop.advance(30s);
  EXPECT_FALSE(login->has_value());
  server.down = false;
  loop.advance(60s);
  ASSERT_TRUE(login->has_value());
  EXPECT_TRUE(**login);

  server.down = true;
  Options once;
  once.reconnect = false;
  make(once);
  auto refused = connect();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, xmpp::LoginError::Kind::unreachable);
}

TEST_F(ClientTest, a_server_without_a_word_is_given_the_end_of_a_line) {
  server.silent = true;
  make({.reconnect = false, .connect_time_max = 5s});
  auto login = collect(client->connect());
  loop.advance(500ms);
  const int before = server.data_calls;
  loop.advance(2s);
  EXPECT_EQ(server.data_calls, before + 1);
  EXPECT_FALSE(login->has_value());
  loop.advance(10s);
  EXPECT_TRUE(login->has_value());
}

TEST_F(ClientTest, a_silent_server_is_given_up_after_the_time_to_connect) {
  server.silent = true;
  Options options;
  options.reconnect = false;
  options.connect_time_max = 3s;
  make(options);
  auto begin = loop.now();
  auto login = connect();
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().kind, xmpp::LoginError::Kind::timed_out);
  EXPECT_EQ(loop.now() - begin, 3s);
}

TEST_F(ClientTest, CORE_29_who_is_replaced_does_not_come_back_with_the_same_resource) {
  Options options;
  options.resource = "balcony";
  online(options);
  server.end(xmpp::StreamCondition::conflict);
  loop.advance(100s);
  EXPECT_EQ(client->state(), State::closed);
  EXPECT_EQ(server.connections, 1);
  online();  // the server chooses: another resource is no quarrel
  server.end(xmpp::StreamCondition::conflict);
  loop.advance(5s);
  EXPECT_EQ(client->state(), State::online);
}

TEST_F(ClientTest, CORE_09_a_stream_error_ends_the_session) {
  online();
  auto& answer = ask("bus.example");
  settle();
  server.end(xmpp::StreamCondition::system_shutdown);
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::lost);
  EXPECT_TRUE(loop.run_until([&] { return client->state() == State::online; }, 5s));
}

TEST_F(ClientTest, CORE_08_close_writes_what_is_queued_and_waits_for_the_peer) {
  online();
  client->send(xmpp::message(xmpp::MessageType::normal, jid("romeo@bus.example")));
  auto& answer = ask("bus.example");
  auto closed = collect(client->close());
  EXPECT_FALSE(*closed);
  EXPECT_FALSE(client->send(xmpp::message(xmpp::MessageType::normal, jid("romeo@bus.example"))));
  loop.run_until([&] { return *closed; }, 1s);
  EXPECT_TRUE(*closed);
  EXPECT_EQ(client->state(), State::closed);
  EXPECT_EQ(server.received.size(), 2u);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::lost);
  loop.advance(100s);
  EXPECT_EQ(server.connections, 1);  // and it stays closed
}

TEST_F(ClientTest, close_does_not_wait_for_ever) {
  online();
  server.silent = true;
  auto closed = collect(client->close());
  loop.run_until([&] { return *closed; }, 6s);
  EXPECT_TRUE(*closed);
}

TEST_F(ClientTest, close_before_login_ends_connect) {
  server.silent = true;
  make();
  auto login = collect(client->connect());
  loop.advance(100ms);
  auto closed = collect(client->close());
  settle();
  EXPECT_TRUE(*closed);
  ASSERT_TRUE(login->has_value());
  EXPECT_FALSE(**login);
}

TEST_F(ClientTest, destroying_it_ends_what_is_pending_as_lost) {
  online();
  auto& answer = ask("bus.example");
  settle();
  client.reset();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::lost);
  loop.advance(10s);
}

TEST_F(ClientTest, CORE_09_whoever_hears_that_the_session_is_over_may_close_it_or_ask_again) {
  online();
  std::optional<Answer> again;
  bool told = false;
  client->request(jid("bus.example"), "get", xmpp::ping(), 10s, [&](const Answer& answer) {
    told = answer.kind == Kind::lost;
    client->request(jid("bus.example"), "get", xmpp::ping(), 10s, [&](Answer late) { again = std::move(late); });
    EXPECT_FALSE(client->send(xmpp::presence(xmpp::PresenceType::available, jid("bus.example"))));
    spawn([](Client& over) -> Task<void> { co_await over.close(); }(*client));
  });
  settle();
  server.send("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
  settle();
  EXPECT_TRUE(told);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kind, Kind::not_sent);
  EXPECT_EQ(client->state(), State::closed);
}

TEST_F(ClientTest, a_handler_may_destroy_the_client) {
  online();
  client->on_message([&](const xml::Element&) { client.reset(); });
  server.send("<message id='1'/><message id='2'/>");
  settle();
  EXPECT_FALSE(client);
  make();
  client->on_state([&](State state) {
    if (state == State::online) client.reset();
  });
  auto login = collect(client->connect());
  loop.advance(1s);
  EXPECT_FALSE(client);
  ASSERT_TRUE(login->has_value());
}

TEST_F(ClientTest, CORE_14_a_far_server_that_falls_silent_is_noticed) {
  server.pipe.first_sees = {"198.51.100.1:5222", false, {}, {}};
  Options options;
  options.keepalive = 10s;
  online(options);
  auto calls = server.data_calls;
  loop.advance(15s);
  EXPECT_GT(server.data_calls, calls);  // white space
  EXPECT_TRUE(server.received.empty());
  loop.advance(10s);
  ASSERT_FALSE(server.received.empty());
  EXPECT_TRUE(xmpp::is_ping(server.received.back()));
  reply("<iq type='error' id='ID' from='bus.example'><error type='cancel'/></iq>");  // any answer is a sign of life
  loop.advance(15s);
  EXPECT_EQ(client->state(), State::online);
  server.silent = true;
  loop.advance(40s);
  EXPECT_NE(client->state(), State::online);
}

TEST_F(ClientTest, a_local_connection_is_not_kept_alive) {
  online();
  auto calls = server.data_calls;
  loop.advance(1h);
  EXPECT_EQ(server.data_calls, calls);
}

TEST_F(ClientTest, trace_shows_stanzas_both_ways) {
  online();
  std::string out, in;
  client->on_trace([&](bool outbound, std::string_view text) { (outbound ? out : in) += text; });
  client->send(xmpp::presence(xmpp::PresenceType::available, {}));
  settle();
  server.send("<message id='1'/>");
  settle();
  EXPECT_EQ(out, "<presence/>");
  EXPECT_EQ(in, "<message id='1'/>");
}

}  // namespace
}  // namespace xbus::client
