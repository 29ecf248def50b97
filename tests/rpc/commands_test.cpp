// Commands: the methods of a service by XEP-0050.
#include "rpc/commands.hpp"

#include <gtest/gtest.h>

#include "bus/limits_service.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() : desk((define(service), service)), commands(service, [] { return *xmpp::Jid::parse("s@localhost/1"); }, front()) {}

  static void define(Service& of) {
    of.admins({"root@localhost"});
    of.method("add", {"a", "b"}, [](int a, std::optional<int> b) { return a + b.value_or(0); }).doc("Adds.");
    of.method("hello", [] { return "hi"; });
    of.method("nothing", [] {});
    of.method("no", []() -> int { throw Fault(Fault::Kind::not_found, "none here"); });
    of.method("ops", {"n"}, [](int) {}).allow({"ops@localhost"});
  }
  Front front() {
    return {[this](const xml::Element& stanza) {
              desk.sent.push_back(stanza);
              return xml::write(stanza).size() <= desk.bytes;
            },
            [this](const xmpp::Jid& from, const jabber_rpc::Request& request) { return desk.callee.admits(from, request); },
            [this](const xmpp::Jid& from, jabber_rpc::Request request, Front::Told told) {
              desk.callee.ask(from, std::move(request), desk.now, std::move(told));
            }};
  }
  // Sends the command and returns the stanza that answers.
  xml::Element send(const std::string& attributes, const std::string& inside = "", const std::string& from = "user@localhost/a") {
    const std::string text = "<iq type='set' id='" + std::to_string(++ids) + "' from='" + from +
                             "' to='s@localhost/1'><command xmlns='http://jabber.org/protocol/commands' " + attributes +
                             ">" + inside + "</command></iq>";
    desk.sent.clear();
    commands.on_iq(*xml::parse(text, xml::ns_client), desk.now);
    if (desk.sent.size() == 1) return desk.sent[0];
    return desk.sent.empty() ? xml::Element() : desk.sent.back();
  }
  static const xml::Element& command(const xml::Element& stanza) {
    static const xml::Element none;
    const xml::Element* found = stanza.first("command", xmpp::ns_commands);
    return found ? *found : none;
  }
  std::string begin(const std::string& from = "user@localhost/a") {
    const auto answer = send("node='add' action='execute'", "", from);
    EXPECT_EQ(command(answer).attr_or("status", ""), "executing");
    return std::string(command(answer).attr_or("sessionid", ""));
  }
  static std::string form(const std::string& a) {
    return "<x xmlns='jabber:x:data' type='submit'><field var='a'><value>" + a + "</value></field></x>";
  }
  // "condition" or "condition/application".
  static std::string error(const xml::Element& stanza) {
    if (stanza.attr_or("type", "") != "error") return "no error";
    const auto found = xmpp::stanza_error_from(stanza);
    return std::string(name_of(found.condition)) + (found.application ? "/" + found.application->name() : "");
  }

  Service service{"s"};
  Desk desk;
  Commands commands;
  int ids = 0;
};

TEST_F(CommandsTest, CMD_01_each_method_that_one_may_call_is_a_command_node) {
  const auto names = [&](const char* from) {
    std::vector<std::string> out;
    for (const auto& item : commands.items(*xmpp::Jid::parse(from))) out.push_back(item.node);
    return out;
  };
  EXPECT_EQ(names("user@localhost/a"), (std::vector<std::string>{"add", "hello", "no", "nothing"}));
  EXPECT_EQ(names("ops@localhost/a").back(), "ops");
  EXPECT_EQ(names("root@localhost/a").size(), 7u) << "system.stats, system.drain and system.logLevel too";
  EXPECT_TRUE(names("x@far.example/a").empty());
  const auto info = commands.info(*xmpp::Jid::parse("user@localhost/a"), "add");
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->has_identity("automation", "command-node"));
  EXPECT_TRUE(info->has_feature(xmpp::ns_commands));
  EXPECT_TRUE(info->has_feature("jabber:x:data"));
  EXPECT_FALSE(commands.info(*xmpp::Jid::parse("user@localhost/a"), "ops"));
  EXPECT_FALSE(commands.info(*xmpp::Jid::parse("user@localhost/a"), "else"));
}

TEST_F(CommandsTest, a_form_is_filled_in_and_the_method_called) {
  const auto first = send("node='add'");
  const auto form_asked = xmpp::form_from(*command(first).first("x", xmpp::ns_data));
  ASSERT_TRUE(form_asked);
  EXPECT_TRUE(form_asked->field("a")->required);
  EXPECT_NE(command(first).first("actions", xmpp::ns_commands)->first("complete", xmpp::ns_commands), nullptr);
  const std::string session(command(first).attr_or("sessionid", ""));
  const auto second = send("node='add' action='complete' sessionid='" + session + "'", form("41"));
  EXPECT_EQ(command(second).attr_or("status", ""), "completed");
  EXPECT_EQ(command(second).attr_or("sessionid", ""), session);
  EXPECT_EQ(*xmpp::form_from(*command(second).first("x", xmpp::ns_data))->value("result"), "41");
  EXPECT_EQ(commands.sessions(), 0u);
}

TEST_F(CommandsTest, a_method_without_parameters_is_called_at_once) {
  const auto hello = send("node='hello' action='execute'");
  EXPECT_EQ(command(hello).attr_or("status", ""), "completed");
  EXPECT_EQ(*xmpp::form_from(*command(hello).first("x", xmpp::ns_data))->value("result"), "hi");
  EXPECT_EQ(command(send("node='nothing'")).first("note", xmpp::ns_commands)->text(), "done");
}

TEST_F(CommandsTest, CMD_02_a_session_belongs_to_the_full_jid_that_began_it) {
  const std::string session = begin();
  EXPECT_NE(session, begin()) << "never the same twice";
  EXPECT_EQ(error(send("node='add' sessionid='" + session + "'", form("1"), "user@localhost/b")), "bad-request/bad-sessionid");
  EXPECT_EQ(error(send("node='add' sessionid='guess'", form("1"))), "bad-request/bad-sessionid");
  EXPECT_EQ(error(send("node='ops' sessionid='" + session + "'", form("1"), "ops@localhost/a")), "bad-request/bad-sessionid");
  EXPECT_EQ(command(send("node='add' sessionid='" + session + "'", form("1"))).attr_or("status", ""), "completed");
  EXPECT_EQ(error(send("node='add' sessionid='" + session + "'", form("1"))), "bad-request/bad-sessionid");
}

TEST_F(CommandsTest, CMD_03_a_command_that_fails_is_completed_with_a_note) {
  const auto answer = send("node='no'");
  EXPECT_EQ(answer.attr_or("type", ""), "result");
  EXPECT_EQ(command(answer).attr_or("status", ""), "completed");
  const xml::Element* note = command(answer).first("note", xmpp::ns_commands);
  ASSERT_NE(note, nullptr);
  EXPECT_EQ(note->attr_or("type", ""), "error");
  EXPECT_EQ(note->text(), "not-found: none here");
}

TEST_F(CommandsTest, CMD_04_errors_have_their_own_conditions) {
  const std::string session = begin();
  const std::string with = "node='add' sessionid='" + session + "' ";
  EXPECT_EQ(error(send("node='add' action='dance'")), "bad-request/malformed-action");
  EXPECT_EQ(error(send("node='add' action='complete'", form("1"))), "bad-request/bad-action");
  EXPECT_EQ(error(send(with + "action='prev'")), "bad-request/bad-action");
  EXPECT_EQ(error(send(with + "action='complete'")), "bad-request/bad-payload");
  EXPECT_EQ(error(send(with, form("one"))), "bad-request/bad-payload");
  EXPECT_EQ(error(send(with, "<x xmlns='jabber:x:data' type='odd'/>")), "bad-request/bad-payload");
  EXPECT_EQ(error(send("node='ops'")), "forbidden");
  EXPECT_EQ(error(send("node='add'", "", "x@far.example/a")), "forbidden");
  EXPECT_EQ(error(send("node='else'", "", "x@far.example/a")), "forbidden") << "as if it were there";
  EXPECT_EQ(error(send("node='else'")), "item-not-found");
  EXPECT_EQ(error(send("")), "bad-request");
  desk.now += limits::command_session_time_max;
  EXPECT_EQ(error(send(with, form("1"))), "not-allowed/session-expired");
  desk.now += limits::command_session_time_max;
  EXPECT_EQ(error(send(with, form("1"))), "bad-request/bad-sessionid");
  EXPECT_EQ(commands.sessions(), 0u);
}

TEST_F(CommandsTest, a_command_can_be_cancelled) {
  const std::string session = begin();
  EXPECT_EQ(command(send("node='add' action='cancel' sessionid='" + session + "'")).attr_or("status", ""), "canceled");
  EXPECT_EQ(commands.sessions(), 0u);
}

TEST_F(CommandsTest, sessions_are_bounded) {
  const auto user = [](size_t i) {
    return "user" + std::to_string(i / limits::command_sessions_per_account_max) + "@localhost/a";
  };
  for (size_t i = 0; i < limits::command_sessions_max; ++i) begin(user(i));
  EXPECT_EQ(error(send("node='add'")), "resource-constraint");
  EXPECT_EQ(commands.sessions(), limits::command_sessions_max);
  desk.now += limits::command_session_time_max;
  begin();
  EXPECT_EQ(commands.sessions(), limits::command_sessions_max);
}

TEST_F(CommandsTest, those_of_one_account_are_bounded_too) {
  std::string last;
  for (size_t i = 0; i < limits::command_sessions_per_account_max; ++i) last = begin("user@localhost/" + std::to_string(i));
  EXPECT_EQ(error(send("node='add'")), "resource-constraint");
  begin("other@localhost/a");
  const std::string from = "user@localhost/" + std::to_string(limits::command_sessions_per_account_max - 1);
  EXPECT_EQ(command(send("node='add' action='cancel' sessionid='" + last + "'", "", from)).attr_or("status", ""), "canceled");
  begin();
}

}  // namespace
}  // namespace xbus
