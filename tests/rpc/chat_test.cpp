// Which messages are questions, and what answers them.
#include "rpc/chat.hpp"

#include <gtest/gtest.h>

#include "rpc/metadata.hpp"

namespace xbus {
namespace {

xml::Element parsed(const std::string& text) { return *xml::parse(text, xml::ns_client); }

TEST(Chat, only_chat_and_normal_with_text_are_questions) {
  EXPECT_TRUE(is_question(parsed("<message type='chat'><body>x</body></message>")));
  EXPECT_TRUE(is_question(parsed("<message><body>x</body></message>")));
  EXPECT_FALSE(is_question(parsed("<message type='chat'><body/></message>")));
  EXPECT_FALSE(is_question(parsed("<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")));
  for (const char* type : {"error", "headline", "groupchat"})
    EXPECT_FALSE(is_question(parsed(std::string("<message type='") + type + "'><body>x</body></message>"))) << type;
  EXPECT_FALSE(is_question(parsed(
      "<message><body>x</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>")));
}

TEST(Chat, an_answer_is_of_the_same_type_and_thread_and_no_question) {
  const auto question = parsed("<message type='chat' from='a@b/c' id='7'><body>x</body><thread>t1</thread></message>");
  const auto answer = answer_to(question, "y");
  EXPECT_EQ(answer.attr_or("to", ""), "a@b/c");
  EXPECT_EQ(answer.attr_or("type", ""), "chat");
  EXPECT_EQ(answer.attr_or("id", ""), "7");
  EXPECT_EQ(answer.first("thread", xml::ns_client)->text(), "t1");
  EXPECT_EQ(answer.first("body", xml::ns_client)->text(), "y");
  EXPECT_TRUE(is_chat(answer));
  EXPECT_FALSE(is_question(answer));
}

TEST(Chat, a_relay_says_for_whom_it_asks_and_passes_nothing_else_on) {
  const auto question = parsed(
      "<message type='chat' from='a@b/c'><body>x</body><chat xmlns='urn:xbus:call:0' on-behalf-of='root@b'/></message>");
  const auto relayed = relayed_question(question, "s@services.b/t", *xmpp::Jid::parse("s@b/1"), *xmpp::Jid::parse("a@b/c"));
  EXPECT_EQ(on_behalf_of(relayed), "a@b/c");
  EXPECT_EQ(relayed.elements("chat", ns_call).size(), 1u);
  EXPECT_EQ(relayed.attr_or("from", ""), "s@services.b/t");
  EXPECT_TRUE(is_question(relayed));
}

}  // namespace
}  // namespace xbus
