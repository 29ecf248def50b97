#include "bus/client/pending.hpp"

#include <gtest/gtest.h>

#include "bus/limits.hpp"
#include "bus/net/virtual_loop.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;

xmpp::Jid jid(std::string_view text) { return *xmpp::Jid::parse(text); }

struct PendingTest : testing::Test {
  Pending::Done note(std::string name) {
    return [this, name](Answer answer) { ended += name + std::to_string(int(answer.kind)) + " "; };
  }
  net::VirtualLoop loop;
  std::string ended;
  Pending pending{loop};
  xmpp::Jid own = jid("me@bus.example/r");
};

TEST_F(PendingTest, RPC_24_an_answer_matches_peer_id_and_kind) {
  pending.add({jid("a@b/c"), "1"}, 1s, 0, note("x"));
  EXPECT_FALSE(pending.take("2", Pending::Kind::iq, jid("a@b/c"), own));
  EXPECT_FALSE(pending.take("1", Pending::Kind::iq, jid("a@b/d"), own));
  EXPECT_FALSE(pending.take("1", Pending::Kind::iq, {}, own));
  EXPECT_TRUE(pending.knows("1"));
  EXPECT_TRUE(pending.take("1", Pending::Kind::iq, jid("a@b/c"), own));
  EXPECT_FALSE(pending.take("1", Pending::Kind::iq, jid("a@b/c"), own));
  EXPECT_EQ(pending.size(), 0u);
  loop.advance(2s);
  EXPECT_EQ(ended, "");
}

TEST_F(PendingTest, deadlines_fire_in_order) {
  pending.add({jid("b"), "2"}, 20ms, 0, note("b"));
  pending.add({jid("a"), "1"}, 10ms, 0, note("a"));
  loop.advance(15ms);
  EXPECT_EQ(ended, "a2 ");
  loop.advance(15ms);
  EXPECT_EQ(ended, "a2 b2 ");
}

TEST_F(PendingTest, a_deadline_is_at_most_call_time_max) {
  pending.add({jid("a"), "1"}, 1000h, 0, note("a"));
  loop.advance(limits::call_time_max + 1ms);
  EXPECT_EQ(ended, "a2 ");
}

TEST_F(PendingTest, what_was_written_is_lost_and_the_rest_not_sent) {
  pending.add({jid("a"), "1"}, 1s, 100, note("a"));
  pending.add({jid("b"), "2"}, 1s, 200, note("b"));
  pending.add({jid("c"), "3"}, 1s, 300, note("c"));
  pending.end_all(200);
  EXPECT_EQ(ended, "a3 b3 c4 ");
}

TEST_F(PendingTest, callbacks_may_add_and_forget) {
  uint64_t second = 0;
  pending.add({jid("a"), "1"}, 1s, 0, [&](Answer) {
    pending.forget(second);
    pending.add({jid("c"), "3"}, 1s, 0, note("c"));
  });
  second = pending.add({jid("b"), "2"}, 2s, 0, note("b"));
  loop.advance(1500ms);
  EXPECT_EQ(ended, "");
  loop.advance(10s);
  EXPECT_EQ(ended, "c2 ");
}

TEST_F(PendingTest, what_was_not_sent_says_why) {
  std::optional<Answer> got;
  pending.add({jid("a"), "1"}, 1s, 10, [&](Answer answer) { got = std::move(answer); });
  pending.end_all(9);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->kind, Answer::Kind::not_sent);
  EXPECT_EQ(got->error.condition, xmpp::Condition::recipient_unavailable);
}

TEST_F(PendingTest, lose_is_for_that_peer_alone) {
  pending.add({jid("a/1"), "1"}, 1s, 0, note("a"));
  pending.add({jid("a/2"), "2"}, 1s, 0, note("b"));
  pending.lose(jid("a/1"));
  EXPECT_EQ(ended, "a3 ");
  EXPECT_EQ(pending.size(), 1u);
}

}  // namespace
}  // namespace xbus::client
