// What a client asks and what it is asked.
#include <gtest/gtest.h>

#include <coroutine>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/client/client_fixture.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;
using Kind = Answer::Kind;
using ClientRequest = ClientTest;

TEST_F(ClientRequest, requests_end_as_result_or_error) {
  online();
  auto& result = ask("romeo@bus.example/x");
  settle();
  EXPECT_EQ(server.received.back().attr_or("type", ""), "get");
  reply("<iq type='result' id='ID' from='romeo@bus.example/x'><a xmlns='urn:a'/></iq>");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->kind, Kind::result);
  EXPECT_TRUE(result->stanza.first("a", "urn:a"));
  auto& error = ask("romeo@bus.example/x");
  settle();
  reply("<iq type='error' id='ID' from='romeo@bus.example/x'><error type='auth'>"
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, Kind::error);
  EXPECT_EQ(error->error.condition, xmpp::Condition::forbidden);
  EXPECT_EQ(client->answers_dropped(), 0u);
}

TEST_F(ClientRequest, RPC_24_an_answer_from_another_is_dropped) {
  online();
  auto& answer = ask("romeo@bus.example/x");
  settle();
  for (auto from : {"romeo@bus.example/y", "romeo@bus.example", "evil@bus.example/x", "bus.example"}) {
    reply("<iq type='result' id='ID' from='" + std::string(from) + "'/>");
    EXPECT_FALSE(answer) << from;
  }
  reply("<iq type='result' id='ID'/>");  // an absent from is the own account's
  EXPECT_FALSE(answer);
  reply("<iq type='result' id='xID' from='romeo@bus.example/x'/>");
  EXPECT_FALSE(answer);
  EXPECT_EQ(client->answers_dropped(), 6u);
  reply("<iq type='result' id='ID' from='ROMEO@Bus.Example/x'/>");  // the same JID, prepared
  EXPECT_TRUE(answer);
  reply("<iq type='result' id='ID' from='romeo@bus.example/x'/>");
  EXPECT_EQ(client->answers_dropped(), 7u);
}

TEST_F(ClientRequest, RPC_24_answers_of_the_own_server) {
  online();
  struct Row {
    const char *to, *from;
    bool taken;
  };
  const Row rows[] = {
      {"", "", true},
      {"", "juliet@bus.example", true},
      {"", "bus.example", true},
      {"", "romeo@bus.example", false},
      {"juliet@bus.example", "", true},
      {"juliet@bus.example", "juliet@bus.example", true},
      {"juliet@bus.example", "bus.example", false},
      {"bus.example", "", true},
      {"bus.example", "bus.example", true},
      {"bus.example", "juliet@bus.example", false},
      {"services.bus.example", "", false},
  };
  for (auto& row : rows) {
    auto& answer = ask(row.to);
    settle();
    EXPECT_EQ(server.received.back().attr("to") != nullptr, *row.to != 0);
    reply(std::string("<iq type='result' id='ID'") + (*row.from ? std::string(" from='") + row.from + "'" : "") + "/>");
    EXPECT_EQ(answer.has_value(), row.taken) << row.to << " answered from " << row.from;
  }
}

TEST_F(ClientRequest, CORE_46_ids_are_unpredictable_and_differ) {
  online();
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ask("bus.example");
  settle();
  for (auto& stanza : server.received) ids.insert(std::string(stanza.attr_or("id", "")));
  EXPECT_EQ(ids.size(), 1000u);
  for (auto& id : ids) EXPECT_EQ(id.size(), 16u);
}

TEST_F(ClientRequest, a_deadline_ends_a_request_and_a_late_answer_is_dropped) {
  online();
  auto& answer = ask("bus.example", 1s);
  settle();
  loop.advance(999ms);
  EXPECT_FALSE(answer);
  loop.advance(2ms);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::timed_out);
  reply("<iq type='result' id='ID' from='bus.example'/>");
  EXPECT_EQ(client->answers_dropped(), 1u);
}

TEST_F(ClientRequest, a_session_that_dies_leaves_the_outcome_unknown) {
  Options options;
  options.reconnect = false;
  online(options);
  auto& sent = ask("bus.example");
  settle();
  auto& unsent = ask("bus.example");  // still queued when the connection ends
  server.drop();
  settle();
  ASSERT_TRUE(sent && unsent);
  EXPECT_EQ(sent->kind, Kind::lost);
  EXPECT_EQ(client->state(), State::closed);
  auto& after = ask("bus.example");
  EXPECT_FALSE(after);  // never from inside the call
  settle();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->kind, Kind::not_sent);
  EXPECT_FALSE(client->send(xmpp::message(xmpp::MessageType::normal, jid("romeo@bus.example"))));
}

TEST_F(ClientRequest, what_was_never_written_is_not_sent) {
  server.pipe.capacity = 2000;
  Options options;
  options.reconnect = false;
  online(options);
  server.silent = true;
  std::vector<std::optional<Answer>*> all;
  for (int i = 0; i < 100; ++i) all.push_back(&ask("bus.example"));
  // One write of 2000 bytes is on its way, the rest waits.
  loop.defer([&] { server.drop(); });
  settle();
  size_t lost = 0, not_sent = 0;
  for (auto* answer : all) {
    ASSERT_TRUE(*answer);
    lost += (*answer)->kind == Kind::lost;
    not_sent += (*answer)->kind == Kind::not_sent;
  }
  EXPECT_GT(lost, 5u);
  EXPECT_GT(not_sent, 50u);
  EXPECT_EQ(lost + not_sent, 100u);
}

TEST_F(ClientRequest, lose_ends_the_requests_to_one_peer) {
  online();
  auto& gone = ask("a@bus.example/1");
  auto& stays = ask("a@bus.example/2");
  settle();
  client->lose(jid("a@bus.example/1"));
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->kind, Kind::lost);
  EXPECT_FALSE(stays);
}

TEST_F(ClientRequest, forget_calls_nobody) {
  online();
  bool called = false;
  auto token = client->request(jid("bus.example"), "get", xmpp::ping(), 1s, [&](Answer) { called = true; });
  client->forget(token);
  settle();
  reply("<iq type='result' id='ID' from='bus.example'/>");
  loop.advance(5s);
  EXPECT_FALSE(called);
  EXPECT_EQ(client->answers_dropped(), 1u);
}

TEST_F(ClientRequest, CORE_44_a_stanza_above_the_servers_limit_is_a_local_error) {
  server.options.stanza_bytes_max = 20'000;
  online();
  EXPECT_EQ(client->stanza_bytes_max(), 20'000u);
  xml::Element big("big", "urn:big");
  big.add_text(std::string(20'000, 'x'));
  std::optional<Answer> answer;
  client->request(jid("bus.example"), "set", big, 5s, [&](Answer given) { answer = std::move(given); });
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::not_sent);
  EXPECT_EQ(answer->error.condition, xmpp::Condition::policy_violation);
  auto message = xmpp::message(xmpp::MessageType::normal, jid("bus.example"));
  message.add(big);
  EXPECT_FALSE(client->send(message));
  EXPECT_EQ(client->state(), State::online);
  // To the byte: the edge passes, one more does not.
  auto fits = xmpp::message(xmpp::MessageType::normal, jid("bus.example"));
  fits.add("body");
  auto overhead = xml::write(fits, xml::ns_client).size() + std::string("</body>").size() - 1;
  fits.first("body", xml::ns_client)->add_text(std::string(20'000 - overhead, 'x'));
  ASSERT_EQ(xml::write(fits, xml::ns_client).size(), 20'000u);
  EXPECT_TRUE(client->send(fits));
  fits.first("body", xml::ns_client)->add_text("x");
  EXPECT_FALSE(client->send(fits));
  settle();
  EXPECT_EQ(server.received.size(), 1u);
  EXPECT_EQ(client->state(), State::online);
}

TEST_F(ClientRequest, too_many_pending_are_not_sent) {
  online();
  for (size_t i = 0; i < limits::pending_calls_max; ++i) {
    client->request(jid("bus.example"), "get", xmpp::ping(), 10s, [](Answer) {});
  }
  auto& answer = ask("bus.example");
  settle();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::not_sent);
  EXPECT_EQ(answer->error.condition, xmpp::Condition::resource_constraint);
}

TEST_F(ClientRequest, what_is_queued_in_one_round_is_one_write) {
  online();
  settle();
  auto before = server.data_calls;
  for (int i = 0; i < 100; ++i) ask("bus.example");
  settle();
  EXPECT_EQ(server.received.size(), 100u);
  EXPECT_EQ(server.data_calls - before, 1);
}

TEST_F(ClientRequest, coroutines_ask_too) {
  online();
  server.on_stanza = [&](const xml::Element& stanza) {
    if (stanza.name() == "iq") server.send(xmpp::result_for(stanza).set("from", "bus.example"));
  };
  auto answer = collect(client->request(jid("bus.example"), "get", xmpp::ping()));
  settle();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((**answer).kind, Kind::result);
}

TEST_F(ClientRequest, a_coroutine_that_is_abandoned_forgets_its_request) {
  online();
  {
    auto task = std::make_unique<Task<Answer>>(client->request(jid("bus.example"), "get", xmpp::ping()));
    // Started by hand, to be able to leave it in the middle.
    struct Driver {
      struct promise_type {
        Driver get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
      };
      std::coroutine_handle<promise_type> handle;
    };
    auto driver = [](Task<Answer>& inner) -> Driver { co_await inner; }(*task);
    settle();
    driver.handle.destroy();
    task.reset();
  }
  reply("<iq type='result' id='ID' from='bus.example'/>");
  EXPECT_EQ(client->answers_dropped(), 1u);
}

TEST_F(ClientRequest, CORE_34_every_request_gets_exactly_one_answer) {
  online();
  client->on_iq("urn:throws", [](const xml::Element&) { throw std::runtime_error("x"); });
  client->on_iq("urn:known", [&](const xml::Element& iq) { client->send(xmpp::result_for(iq)); });
  struct Row {
    const char *payload, *type, *condition;
  };
  const Row rows[] = {
      {"<known xmlns='urn:known'/>", "get", ""},
      {"<a xmlns='urn:nobody'/>", "get", "service-unavailable"},  // CORE-35
      {"<a xmlns='urn:nobody'/>", "set", "service-unavailable"},
      {"<a xmlns='urn:known'/><b xmlns='urn:known'/>", "get", "bad-request"},
      {"", "set", "bad-request"},
      {"<a xmlns='urn:known'/>", "fetch", "bad-request"},
      {"<a xmlns='urn:throws'/>", "get", "internal-server-error"},
  };
  int id = 0;
  for (auto& row : rows) {
    auto before = server.received.size();
    server.send("<iq from='romeo@bus.example/x' type='" + std::string(row.type) + "' id='q" + std::to_string(id++) +
                "'>" + row.payload + "</iq>");
    settle();
    ASSERT_EQ(server.received.size(), before + 1) << row.payload;
    auto& answer = server.received.back();
    EXPECT_EQ(answer.attr_or("id", ""), "q" + std::to_string(id - 1));
    EXPECT_EQ(answer.attr_or("to", ""), "romeo@bus.example/x");
    EXPECT_EQ(answer.attr_or("type", ""), *row.condition ? "error" : "result");
    if (*row.condition) {
      EXPECT_EQ(xmpp::name_of(xmpp::stanza_error_from(answer).condition), row.condition);
    }
  }
}

TEST_F(ClientRequest, CORE_34_answers_are_never_answered) {
  online();
  for (auto text : {"<iq type='result' id='none' from='romeo@bus.example/x'/>",
                    "<iq type='error' id='none' from='romeo@bus.example/x'><error type='cancel'/></iq>",
                    "<message from='romeo@bus.example/x' type='error'/>"}) {
    server.send(text);
  }
  settle();
  EXPECT_TRUE(server.received.empty());
  EXPECT_EQ(client->state(), State::online);
}

TEST_F(ClientRequest, a_call_costs_less_than_ten_microseconds) {
  online();
  server.silent = true;
  server.pipe.capacity = 64 << 20;
  auto peer = jid("agent@bus.example/1");
  constexpr int count = 20'000;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) client->request(peer, "set", xmpp::ping(), 10s, [](Answer) {});
  auto took = std::chrono::steady_clock::now() - begin;
  std::printf("one request, queued: %.2f us\n", double(took.count()) / 1000 / count);
  RecordProperty("ns_per_request", int(took.count() / count));
}

}  // namespace
}  // namespace xbus::client
