// Bot: a service as somebody to chat with.
#include "rpc/bot.hpp"

#include <gtest/gtest.h>

#include "rpc/chat.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

enum class Colour { red, green };
XBUS_ENUM(Colour, red, green)
struct Point {
  int x = 0, y = 0;
};
XBUS_STRUCT(Point, x, y)

class BotTest : public testing::Test {
 protected:
  BotTest() : desk((define(service), service)), bot(service, front()) {}

  static void define(Service& of) {
    of.doc("Tries things.");
    of.method("add", {"a", "b"}, [](int a, int b) { return a + b; }).doc("Adds two.\nReally.");
    of.method("paint", {"what", "colour"}, [](const std::string& what, Colour colour) {
      return what + (colour == Colour::red ? " red" : " green");
    });
    of.method("move", {"p"}, [](Point p) { return Point{p.x + 1, p.y}; });
    of.method("nothing", [] {});
    of.method("long", [] { return std::string(100'000, 'x'); });
    of.method("escape", [] { return std::string("a\x1b[2Jb"); });
    of.method("ops", {"secret_name"}, [](int) {}).allow({"ops@localhost"});
  }
  Front front() {
    return {[this](const xml::Element& stanza) {
              desk.sent.push_back(stanza);
              return true;
            },
            [this](const xmpp::Jid& from, const jabber_rpc::Request& request) { return desk.callee.admits(from, request); },
            [this](const xmpp::Jid& from, jabber_rpc::Request request, Front::Told told) {
              desk.callee.ask(from, std::move(request), desk.now, std::move(told));
            }};
  }
  // What is answered; empty for nothing.
  std::string say(const std::string& text, const std::string& from = "user@localhost/a", const std::string& behalf = "") {
    xml::Element message("message", std::string(xml::ns_client));
    message.set("type", "chat").set("from", from).set("to", "service@localhost/1");
    message.add("body").add_text(text);
    if (!behalf.empty()) message.add(xml::Element("chat", ns_call)).set("on-behalf-of", behalf);
    const size_t before = desk.sent.size();
    bot.on_message(message, desk.now);
    if (desk.sent.size() == before) return {};
    EXPECT_EQ(desk.sent.back().attr_or("to", ""), from);
    return desk.sent.back().first("body", xml::ns_client)->text();
  }

  Service service{"s"};
  Desk desk;
  Bot bot;
};

TEST_F(BotTest, calls_a_method_with_words_read_by_its_signature) {
  EXPECT_EQ(say("add 2 3"), "5");
  EXPECT_EQ(say("paint 'the door' red"), "the door red");
  EXPECT_EQ(say("move '{\"x\": 1, \"y\": 2}'"), "{\n  \"x\": 2,\n  \"y\": 2\n}");
  EXPECT_EQ(say("nothing"), "done");
}

TEST_F(BotTest, says_what_is_wrong) {
  EXPECT_EQ(say("add 2"), "invalid: missing b of (a: int32, b: int32)");
  EXPECT_EQ(say("add two 3"), "invalid: a: expected int32, found \"two\"");
  EXPECT_EQ(say("paint x blue"), "invalid: colour: expected one of red, green");
  EXPECT_EQ(say("sub 1 2"), "no-such-method: sub");
  EXPECT_EQ(say("add '1"), "a quote is not closed");
}

TEST_F(BotTest, helps_with_what_the_caller_may_call) {
  const std::string help = say("help");
  EXPECT_NE(help.find("s: Tries things.\n"), std::string::npos);
  EXPECT_NE(help.find("  add(a: int32, b: int32) -> int32  Adds two.\n"), std::string::npos);
  EXPECT_EQ(help.find("ops"), std::string::npos);
  EXPECT_NE(say("help", "ops@localhost/x").find("ops(secret_name: int32)"), std::string::npos);
  EXPECT_EQ(say("help add"), "add(a: int32, b: int32) -> int32\nAdds two.\nReally.");
  EXPECT_EQ(say("help ops"), "no-such-method: ops");
  EXPECT_EQ(say("Help"), help);
  EXPECT_EQ(say("?"), help);
  EXPECT_EQ(say("helm"), "no-such-method: helm");
}

TEST_F(BotTest, who_may_not_call_learns_nothing) {
  EXPECT_EQ(say("ops"), say("ops 1"));
  EXPECT_EQ(say("ops 1").substr(0, 9), "forbidden");
  EXPECT_EQ(say("add 1 2", "x@far.example/1").substr(0, 9), "forbidden");
  EXPECT_EQ(say("anything", "x@far.example/1").substr(0, 9), "forbidden");
  EXPECT_EQ(say("ops 1", "ops@localhost/x"), "done");
}

TEST_F(BotTest, a_relay_is_believed_where_it_is_the_registry) {
  EXPECT_EQ(say("ops 1", "s@services.localhost/t1", "ops@localhost/x"), "done");
  EXPECT_EQ(say("ops 1", "s@services.localhost/t2", "user@localhost/x").substr(0, 9), "forbidden");
  EXPECT_EQ(say("ops 1", "user@localhost/a", "ops@localhost/x").substr(0, 9), "forbidden");
}

TEST_F(BotTest, answers_are_bounded_and_safe_to_show) {
  const std::string answer = say("long");
  EXPECT_LT(answer.size(), limits::chat_answer_bytes_max + 100);
  EXPECT_NE(answer.find("[cut: 100000 bytes]"), std::string::npos);
  EXPECT_EQ(say("escape"), "a\\u{1b}[2Jb");
  EXPECT_EQ(say("add " + std::string(limits::chat_question_bytes_max, '1')), "that is too long");
}

TEST_F(BotTest, never_answers_an_answer) {
  say("add 1 2");
  const xml::Element answer = desk.sent.back();
  const size_t before = desk.sent.size();
  xml::Element back = answer;
  back.set("from", "other@localhost/bot").set("to", "service@localhost/1");
  bot.on_message(back, desk.now);
  EXPECT_EQ(desk.sent.size(), before);
}

TEST_F(BotTest, chat_peers_max_silences_nobody) {
  for (size_t i = 0; i <= limits::chat_peers_max; ++i)
    EXPECT_EQ(say("add 2 3", "p" + std::to_string(i) + "@localhost/a"), "5");
  // Who is remembered for longest has made room, and has as much as before.
  EXPECT_EQ(say("add 2 3", "p0@localhost/a"), "5");
}

TEST_F(BotTest, who_writes_too_often_hears_nothing_for_a_while) {
  for (unsigned i = 0; i < limits::chat_messages_max; ++i) EXPECT_EQ(say("add 1 1"), "2");
  EXPECT_EQ(say("add 1 1"), "");
  EXPECT_EQ(say("add 1 1", "user@localhost/other"), "") << "another session of the same person";
  EXPECT_EQ(say("add 1 1", "else@localhost/a"), "2");
  desk.now += limits::chat_time;
  EXPECT_EQ(say("add 1 1"), "2");
}

TEST(Bot, a_person_has_so_many_calls_under_way) {
  Service service("s");
  std::vector<Completion<int>> later;
  service.method("wait", [&]() -> Task<int> {
    const Completion<int> one = later.emplace_back();
    co_return co_await one;
  });
  Desk desk(service);
  size_t answers = 0;
  Bot bot(service, {[&](const xml::Element&) { return ++answers > 0; },
                    [&](const xmpp::Jid& from, const jabber_rpc::Request& request) { return desk.callee.admits(from, request); },
                    [&](const xmpp::Jid& from, jabber_rpc::Request request, Front::Told told) {
                      desk.callee.ask(from, std::move(request), desk.now, std::move(told));
                    }});
  xml::Element message("message", std::string(xml::ns_client));
  message.set("from", "user@localhost/a").add("body").add_text("wait");
  for (size_t i = 0; i <= limits::chat_calls_max; ++i) bot.on_message(message, desk.now);
  EXPECT_EQ(desk.callee.running(), limits::chat_calls_max);
  later[0].complete(1);
  EXPECT_EQ(answers, 1u);
  bot.on_message(message, desk.now);
  EXPECT_EQ(desk.callee.running(), limits::chat_calls_max);
  desk.pass(limits::call_time_default);
  EXPECT_EQ(answers, 1 + limits::chat_calls_max) << "each ends at its deadline";
  for (const auto& each : later) each.complete(0);
}

}  // namespace
}  // namespace xbus
