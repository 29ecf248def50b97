// The ways in for people, over a whole bus in memory: chat at the service's address, command forms, one trace.
#include "rpc/front.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/commands.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/local_bus.hpp"
#include "tests/rpc/calc_service.hpp"

namespace xbus {
namespace {

using namespace calc_service;

// Says something and returns the messages that came back.
std::vector<xml::Element> say(LocalBus& bus, Bus& from, const std::string& to, const std::string& text) {
  auto heard = std::make_shared<std::vector<xml::Element>>();
  from.client().on_message([heard](const xml::Element& message) { heard->push_back(message); });
  xml::Element message = xmpp::message(xmpp::MessageType::chat, *xmpp::Jid::parse(to));
  message.add("body").add_text(text);
  from.client().send(message);
  bus.advance(std::chrono::milliseconds(100));
  return *heard;
}

std::string body(const xml::Element& message) {
  const xml::Element* found = message.first("body", message.ns());
  return found ? found->text() : "";
}

TEST(Front, a_message_to_the_services_address_is_answered_from_there) {
  LocalBus bus;
  Service calc("calc");
  define(calc);
  bus.serve(calc);
  Bus& person = bus.connect("anna");
  const auto heard = say(bus, person, "calc@services.localhost", "add 2 3");
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(body(heard[0]), "5");
  EXPECT_EQ(heard[0].attr_or("from", ""), "calc@services.localhost");
  const auto who = say(bus, person, "calc@services.localhost", "who");
  EXPECT_EQ(body(who.back()), person.jid().str()) << "the caller proper, not the registry";
}

TEST(Front, nobody_there_is_an_error) {
  LocalBus bus;
  Bus& person = bus.connect("anna");
  const auto heard = say(bus, person, "calc@services.localhost", "add 2 3");
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].attr_or("type", ""), "error");
  EXPECT_EQ(xmpp::stanza_error_from(heard[0]).condition, xmpp::Condition::service_unavailable);
}

TEST(Front, a_service_that_answers_a_service_does_not_begin_a_loop) {
  LocalBus bus;
  Service calc("calc"), other("other");
  define(calc);
  define(other);
  Bus& one = bus.serve(calc);
  Bus& two = bus.serve(other, "service2");
  // As if it had asked: the answer reaches a bot.
  xml::Element message = xmpp::message(xmpp::MessageType::chat, one.jid());
  message.add("body").add_text("add 2 3");
  size_t heard = 0;
  two.client().on_message([&](const xml::Element&) { ++heard; });
  two.client().send(message);
  bus.advance(std::chrono::seconds(5));
  EXPECT_EQ(heard, 1u);
}

TEST(Front, commands_are_found_by_disco_and_carried_out) {
  LocalBus bus;
  Service calc("calc");
  define(calc);
  Bus& server = bus.serve(calc);
  Bus& person = bus.connect("anna");
  const auto ask = [&](const char* type, xml::Element payload) {
    return bus.wait(person.client().request(server.jid(), type, std::move(payload))).stanza;
  };
  const auto items = ask("get", xmpp::disco_items_query(xmpp::ns_commands));
  const auto list = xmpp::disco_items_from(*items.first_element());
  ASSERT_TRUE(list);
  EXPECT_EQ(list->items.size(), 5u);
  EXPECT_EQ(list->items[0].node, "add");
  EXPECT_EQ(list->items[0].jid, server.jid());
  const auto info = xmpp::disco_info_from(*ask("get", xmpp::disco_info_query("add")).first_element());
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->has_identity("automation", "command-node"));
  EXPECT_EQ(ask("get", xmpp::disco_info_query("nothing")).attr_or("type", ""), "error");
  const auto list_info = xmpp::disco_info_from(*ask("get", xmpp::disco_info_query(xmpp::ns_commands)).first_element());
  ASSERT_TRUE(list_info);
  EXPECT_TRUE(list_info->has_identity("automation", "command-list"));

  xml::Element command("command", xmpp::ns_commands);
  command.set("node", "add").set("action", "execute");
  const auto first = ask("set", command);
  const std::string session(first.first_element()->attr_or("sessionid", ""));
  xmpp::Form form;
  form.type = xmpp::FormType::submit;
  form.add("a", "2").add("b", "40");
  command.set("sessionid", session);
  command.add(to_element(form));
  const auto done = ask("set", command);
  const auto result = xmpp::form_from(*done.first_element()->first("x", xmpp::ns_data));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result->value("result"), "42");
}

TEST(Front, who_serves_nothing_has_no_commands) {
  LocalBus bus;
  Bus& one = bus.connect("one");
  Bus& two = bus.connect("two");
  xml::Element command("command", xmpp::ns_commands);
  command.set("node", "add");
  const auto answer = bus.wait(two.client().request(one.jid(), "set", command));
  EXPECT_EQ(answer.error.condition, xmpp::Condition::service_unavailable);
}

// One trace through two services: the front asks the back within the call that it works on.
TEST(Front, a_handlers_own_calls_carry_the_trace) {
  LocalBus bus;
  Service back("back"), front("front");
  std::string seen;
  std::vector<std::string> lines;
  BusOptions options;
  options.log_level = LogLevel::debug;
  options.log = [&](LogLevel, std::string_view line) { lines.emplace_back(line); };
  Duration left{};
  Bus& behind = bus.connect("back", options);
  back.method("work", [&](Call& call) {
    seen = call.traceparent;
    left = call.deadline - call.arrived;
  });
  bus.wait(behind.serve(back));
  Bus& before = bus.connect("front", options);
  front.method("ask", [&](Call& call) -> Task<void> {
    auto calling = before.service("back").within(call).call<void>("work");
    co_await std::move(calling);
  });
  bus.wait(before.serve(front));
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  CallOptions with;
  with.traceparent = trace;
  with.timeout = std::chrono::seconds(3);
  bus.wait(bus.connect().service("front").with(with).call<void>("ask"));
  EXPECT_EQ(seen, trace);
  EXPECT_LE(left, std::chrono::seconds(3));
  size_t logged = 0;
  for (const std::string& line : lines) logged += line.find(trace) != std::string::npos;
  EXPECT_EQ(logged, 2u);
}

}  // namespace
}  // namespace xbus
