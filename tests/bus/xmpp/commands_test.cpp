// Ad-hoc commands (XEP-0050) as elements.
#include "bus/xmpp/commands.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

auto read(const std::string& attributes, const std::string& inside = "") {
  return command_request_from(*xml::parse("<command xmlns='http://jabber.org/protocol/commands' " + attributes + ">" +
                                          inside + "</command>"));
}

TEST(Commands, a_request_is_read) {
  const auto request = read("node='n' sessionid='s' action='complete' xml:lang='en'",
                            "<x xmlns='jabber:x:data' type='submit'><field var='a'><value>1</value></field></x>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->node, "n");
  EXPECT_EQ(request->session, "s");
  EXPECT_EQ(request->action, CommandRequest::Action::complete);
  EXPECT_EQ(*request->form->value("a"), "1");
  EXPECT_EQ(read("node='n'")->action, CommandRequest::Action::execute);
  EXPECT_FALSE(read("node='n'")->form);
}

TEST(Commands, CMD_04_what_cannot_be_read_is_named) {
  const auto condition = [](const Result<CommandRequest, StanzaError>& request) {
    return request ? std::string() : request.error().application ? request.error().application->name() : "plain";
  };
  EXPECT_EQ(condition(read("node='n' action='dance'")), "malformed-action");
  EXPECT_EQ(condition(read("node='n'", "<x xmlns='jabber:x:data' type='odd'/>")), "bad-payload");
  EXPECT_EQ(condition(read("")), "plain");
  EXPECT_EQ(stanza_error(CommandError::session_expired).condition, Condition::not_allowed);
  EXPECT_EQ(stanza_error(CommandError::bad_sessionid).condition, Condition::bad_request);
  EXPECT_EQ(stanza_error(CommandError::bad_sessionid).application->ns(), ns_commands);
}

TEST(Commands, an_answer_under_way_says_how_to_go_on) {
  const auto element = to_element(CommandAnswer{"n", "s", CommandAnswer::Status::executing, Form{}, {}});
  EXPECT_EQ(element.attr_or("status", ""), "executing");
  const xml::Element* actions = element.first("actions", ns_commands);
  ASSERT_NE(actions, nullptr);
  EXPECT_EQ(actions->attr_or("execute", ""), "complete");
  EXPECT_NE(actions->first("complete", ns_commands), nullptr);
  EXPECT_NE(element.first("x", ns_data), nullptr);
}

TEST(Commands, CMD_03_a_note_tells_of_failure) {
  const auto element = to_element(
      CommandAnswer{"n", "s", CommandAnswer::Status::completed, {}, {{CommandNote::Type::error, "no"}}});
  EXPECT_EQ(element.attr_or("status", ""), "completed");
  EXPECT_EQ(element.first("note", ns_commands)->attr_or("type", ""), "error");
  EXPECT_EQ(element.first("actions", ns_commands), nullptr);
}

TEST(Commands, CMD_01_a_node_is_a_command_node) {
  const DiscoInfo info = command_info("n", "Name");
  EXPECT_EQ(info.node, "n");
  EXPECT_TRUE(info.has_identity("automation", "command-node"));
  EXPECT_TRUE(info.has_feature(ns_commands));
  EXPECT_TRUE(info.has_feature(ns_data));
  EXPECT_TRUE(commands_info().has_identity("automation", "command-list"));
}

}  // namespace
}  // namespace xbus::xmpp
