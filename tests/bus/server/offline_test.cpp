// Plays about messages for those who are away (RFC 6121 section 8.5.2.2.1, XEP-0160).
#include <gmock/gmock.h>

#include "bus/xmpp/delay.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::IsEmpty;

std::string chat(std::string_view id, std::string_view to = "bob@localhost") {
  return "<message type='chat' id='" + std::string(id) + "' to='" + std::string(to) +
         "'><body>hi</body></message>";
}

// The ids of the messages read.
std::string ids(Actor& actor) {
  std::string all;
  for (const xml::Element& stanza : actor.stanzas()) {
    if (stanza.name() == "message") all += std::string(stanza.attr_or("id", "")) + " ";
  }
  return all;
}

void know(Bus& bus, const char* name) { Actor(bus, name).login("once"); }

TEST(Offline, messages_wait_and_come_once_with_their_time) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  know(bus, "bob");
  Timestamp sent = bus.loop.wall();
  ann.send(chat("1") + chat("2", "bob@localhost/gone"));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  bus.loop.advance(std::chrono::hours(1));
  Actor bob(bus, "bob");
  bob.login("b");
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  bob.send("<presence/>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 3u);  // his own presence and two messages
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(got[i].attr_or("id", ""), std::to_string(i));
    EXPECT_EQ(got[i].attr_or("from", ""), "ann@localhost/a");
    auto delay = xmpp::delay_of(got[i], *xmpp::Jid::parse("localhost"));
    ASSERT_TRUE(delay.has_value());
    EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(delay->stamp),
              std::chrono::floor<std::chrono::seconds>(sent));
  }
  Actor again(bus, "bob");
  again.login("again");
  again.send("<presence/>");
  EXPECT_EQ(ids(again), "");
}

TEST(Offline, a_negative_priority_takes_none) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.appear("b", -1);
  ann.send(chat("1"));
  EXPECT_EQ(ids(bob), "");
  bob.send("<presence/>");
  EXPECT_EQ(ids(bob), "1 ");
}

TEST(Offline, headlines_groupchat_and_errors_are_not_stored) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  know(bus, "bob");
  ann.send(
      "<message type='headline' to='bob@localhost'/><message type='groupchat' to='bob@localhost' "
      "id='g'/>"
      "<message type='error' to='bob@localhost'><error type='cancel'/></message>");
  EXPECT_EQ(ann.stanzas().size(), 1u);
  Actor bob(bus, "bob");
  bob.login("b");
  bob.send("<presence/>");
  EXPECT_EQ(ids(bob), "");
}

TEST(Offline, beyond_the_bound_the_sender_is_told) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.login("a");
  know(bus, "bob");
  std::string all;
  for (size_t i = 0; i < limits::offline_messages_max; ++i) all += chat(std::to_string(i));
  ann.send(all);
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  ann.send(chat("over"));
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  EXPECT_EQ(got[0].attr_or("id", ""), "over");
  Actor bob(bus, "bob");
  bob.login("b");
  bob.send("<presence/>");
  EXPECT_EQ(bob.stanzas().size(), 1 + limits::offline_messages_max);
  ann.send(chat("next", "bob@localhost/none"));
  EXPECT_EQ(ids(bob), "next ");
}

TEST(Offline, what_a_dead_session_never_read_waits_for_the_next) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.appear("b");
  bob.stop_reading();
  // More than the pipe holds: the rest waits in the queue.
  std::string body(9000, 'x');
  for (int i = 0; i < 20; ++i) {
    ann.send("<message type='chat' id='" + std::to_string(i) + "' to='bob@localhost'><body>" +
             body + "</body></message>");
  }
  ann.send("<iq type='get' id='q' to='bob@localhost/b'><q xmlns='u'/></iq>");
  bob.hang_up();
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("id", ""), "q");
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  Actor again(bus, "bob");
  again.login("again");
  again.send("<presence/>");
  std::string late = ids(again);
  EXPECT_THAT(late, testing::EndsWith("17 18 19 "));
  EXPECT_LT(late.size(), 50u);  // and none that had gone out
}

}  // namespace
}  // namespace xbus::server
