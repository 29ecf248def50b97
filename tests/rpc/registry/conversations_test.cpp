// Conversations: answers find back, nobody else's do, and nothing grows.
#include "rpc/registry/conversations.hpp"

#include <gtest/gtest.h>

namespace xbus::registry {
namespace {

xmpp::Jid jid(const std::string& text) { return *xmpp::Jid::parse(text); }

TEST(Conversations, an_answer_finds_back_by_token_and_instance) {
  Conversations all;
  const Time now{};
  const std::string token = all.begin(jid("a@b/c"), jid("s@services.b"), "s", jid("s@b/1"), now).token;
  const Conversation* found = all.answered(token, jid("s@b/1"), now);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->person.str(), "a@b/c");
  EXPECT_EQ(all.answered(token, jid("s@b/2"), now), nullptr);
  EXPECT_EQ(all.answered("guess", jid("s@b/1"), now), nullptr);
  EXPECT_EQ(all.find(jid("a@b/c"), "s", now)->token, token);
  EXPECT_EQ(all.find(jid("a@b/d"), "s", now), nullptr);
}

TEST(Conversations, a_new_one_takes_the_place_of_the_last) {
  Conversations all;
  const std::string old = all.begin(jid("a@b/c"), jid("s@services.b"), "s", jid("s@b/1"), {}).token;
  all.begin(jid("a@b/c"), jid("s@services.b"), "s", jid("s@b/2"), {});
  EXPECT_EQ(all.size(), 1u);
  EXPECT_EQ(all.answered(old, jid("s@b/1"), {}), nullptr);
}

TEST(Conversations, silence_ends_them) {
  Conversations all;
  const Time now{};
  const std::string token = all.begin(jid("a@b/c"), jid("s@services.b"), "s", jid("s@b/1"), now).token;
  const Time later = now + limits::conversation_time_max;
  ASSERT_NE(all.answered(token, jid("s@b/1"), later), nullptr);
  ASSERT_NE(all.find(jid("a@b/c"), "s", later + limits::conversation_time_max), nullptr);
  EXPECT_EQ(all.find(jid("a@b/c"), "s", later + 3 * limits::conversation_time_max), nullptr);
  EXPECT_EQ(all.size(), 0u);
}

TEST(Conversations, they_are_bounded) {
  Conversations all;
  for (size_t i = 0; i <= limits::conversations_max; ++i)
    all.begin(jid("a" + std::to_string(i) + "@b/c"), jid("s@services.b"), "s", jid("s@b/1"), {});
  EXPECT_EQ(all.size(), limits::conversations_max);
  EXPECT_EQ(all.find(jid("a0@b/c"), "s", {}), nullptr);
  EXPECT_NE(all.find(jid("a1@b/c"), "s", {}), nullptr);
}

}  // namespace
}  // namespace xbus::registry
