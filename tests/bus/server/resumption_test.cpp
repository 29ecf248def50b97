// Plays about sessions that outlive their connection (XEP-0198 sections 4 to 7), with actors that speak plain text.
#include "bus/server/resumption.hpp"

#include <gmock/gmock.h>

#include <set>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string attribute(const std::string& text, const std::string& name) {
  const size_t begin = text.find(" " + name + "='");
  if (begin == std::string::npos) return "";
  const size_t at = begin + name.size() + 3;
  return text.substr(at, text.find('\'', at) - at);
}

struct Resumption : testing::Test {
  // Logs in with stream management on; the id to resume by.
  std::string manage(Actor& actor, std::string_view resource, std::string_view attributes = "resume='true'") {
    actor.login(resource);
    actor.bytes();
    actor.send("<enable xmlns='urn:xmpp:sm:3' " + std::string(attributes) + "/>");
    return attribute(actor.bytes(), "id");
  }
  // Another connection of the account, up to where it may resume; nothing of what it read is left.
  std::unique_ptr<Actor> again(const std::string& local) {
    auto actor = std::make_unique<Actor>(bus, local);
    actor->send(Actor::default_header);
    actor->send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
    actor->bytes();
    actor->send(Actor::default_header);
    actor->stanzas();
    return actor;
  }
  static std::string resume(const std::string& id, int count) {
    return "<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + std::to_string(count) + "'/>";
  }
  void cut(Actor& actor) {
    actor.hang_up();
    bus.settle();
  }

  Bus bus;
};

TEST_F(Resumption, SM_03_enabled_says_by_what_and_for_how_long) {
  Actor ann(bus, "ann");
  ann.login("a");
  ann.bytes();
  ann.send("<enable xmlns='urn:xmpp:sm:3' resume='true' max='60'/>");
  const auto text = ann.bytes();
  EXPECT_THAT(text, HasSubstr("resume='true'"));
  EXPECT_EQ(attribute(text, "max"), "60");
  EXPECT_NE(attribute(text, "id"), "");
  // As long as the server allows, and not at all where that was not asked for.
  Actor bob(bus, "bob"), carl(bus, "carl");
  bob.login("b");
  bob.bytes();
  bob.send("<enable xmlns='urn:xmpp:sm:3' resume='1' max='99999'/>");
  EXPECT_EQ(attribute(bob.bytes(), "max"), "300");
  EXPECT_EQ(manage(carl, "c", ""), "");
}

TEST_F(Resumption, SM_18_ids_are_unpredictable_and_never_again_the_same) {
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) {
    Actor ann(bus, "ann");
    const auto id = manage(ann, "a");
    EXPECT_GE(id.size(), 16u);
    EXPECT_TRUE(ids.insert(id).second);
    ann.send("</stream:stream>");
  }
}

TEST_F(Resumption, SM_10_SM_13_a_session_is_there_without_a_connection_and_gets_everything_once) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  const auto id = manage(ann, "a");
  bob.send("<message to='ann@localhost/a' id='1'/><message to='ann@localhost/a' id='2'/>");
  ann.texts();
  cut(ann);
  // Meanwhile it is as if it were there.
  bob.send("<message to='ann@localhost/a' id='3'/>"
           "<iq type='get' to='ann@localhost/a' id='4'><q xmlns='urn:q'/></iq>");
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  auto back = again("ann");
  back->send(resume(id, 1));
  const auto text = back->bytes();
  EXPECT_THAT(text, HasSubstr("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>"
                              "<message from='bob@localhost/b' to='ann@localhost/a' id='2'/>"
                              "<message from='bob@localhost/b' to='ann@localhost/a' id='3'/>"
                              "<iq from='bob@localhost/b' type='get' to='ann@localhost/a' id='4'>"));
  EXPECT_THAT(text, Not(HasSubstr("id='1'")));
  // It answers as if nothing had been.
  back->send("<iq type='result' to='bob@localhost/b' id='4'/><a xmlns='urn:xmpp:sm:3' h='4'/>");
  EXPECT_THAT(bob.texts(),
              ElementsAre("<iq from='ann@localhost/a' type='result' to='bob@localhost/b' id='4'/>"));
  back->send("<r xmlns='urn:xmpp:sm:3'/>");
  EXPECT_THAT(back->bytes(), HasSubstr("<a xmlns='urn:xmpp:sm:3' h='1'/>"));
}

TEST_F(Resumption, SM_10_when_nobody_comes_back_it_is_as_for_an_absent_resource) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  manage(ann, "a", "resume='true' max='60'");
  bob.send("<message to='ann@localhost/a' id='1' type='chat'><body>x</body></message>"
           "<iq type='get' to='ann@localhost/a' id='2'><q xmlns='urn:q'/></iq>"
           "<message to='ann@localhost/a' id='3' type='headline'/>");
  cut(ann);
  bus.loop.advance(10s);
  bob.send("<message to='ann@localhost/a' id='4' type='chat'><body>y</body></message>");
  bus.loop.advance(40s);
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  bus.loop.advance(15s);
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("id", ""), "2");
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  // The messages wait for the next session, with the time of the first try.
  Actor later(bus, "ann");
  later.login("other");
  later.send("<presence/>");
  std::vector<std::string> stamps;
  for (const auto& stanza : later.stanzas())
    if (stanza.name() == "message")
      stamps.push_back(std::string(stanza.attr_or("id", "")) + " " +
                       std::string(stanza.first("delay", "urn:xmpp:delay")->attr_or("stamp", "")).substr(0, 19));
  EXPECT_THAT(stamps, ElementsAre("1 2026-01-01T00:00:00", "4 2026-01-01T00:00:10"));
}

TEST_F(Resumption, SM_10_presence_stays_until_the_time_is_over) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  manage(ann, "a", "resume='true' max='60'");
  ann.send("<presence to='bob@localhost/b'/>");
  EXPECT_EQ(bob.stanzas().size(), 1u);
  cut(ann);
  bus.loop.advance(50s);
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  bus.loop.advance(15s);
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("type", ""), "unavailable");
}

TEST_F(Resumption, SM_11_the_queue_is_bounded_and_charged_and_senders_are_told) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  const auto id = manage(ann, "a");
  cut(ann);
  const std::string big(200'000, 'x');
  size_t refused = 0;
  for (int i = 0; i < 60; ++i) {
    bob.send("<iq type='get' to='ann@localhost/a' id='" + std::to_string(i) + "'><q xmlns='urn:q'>" + big +
             "</q></iq>");
    for (const auto& answer : bob.stanzas()) {
      EXPECT_EQ(condition_of(answer), "resource-constraint");
      ++refused;
    }
  }
  EXPECT_EQ(60 - refused, limits::unacked_bytes_max / (big.size() + 110));
  // What was taken comes.
  auto back = again("ann");
  back->send(resume(id, 0));
  size_t came = 0;
  for (const auto& stanza : back->stanzas()) came += stanza.name() == "iq";
  EXPECT_EQ(came, 60 - refused);
}

TEST_F(Resumption, SM_11_who_never_acknowledges_is_ended) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  manage(ann, "a", "");
  for (int i = 0; i < 40; ++i) bob.send("<message to='ann@localhost/a'/>");
  EXPECT_THAT(ann.bytes(), HasSubstr("<r xmlns='urn:xmpp:sm:3'/>"));
  bus.loop.advance(100s);
  EXPECT_TRUE(ann.closed());
  EXPECT_THAT(ann.all(), HasSubstr("resource-constraint"));
}

TEST_F(Resumption, SM_06_the_server_asks_by_count_and_by_time) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  manage(ann, "a");
  bob.send("<message to='ann@localhost/a'/>");
  EXPECT_THAT(ann.bytes(), Not(HasSubstr("<r ")));
  bus.loop.advance(20s);
  EXPECT_THAT(ann.bytes(), HasSubstr("<r "));
  ann.send("<a xmlns='urn:xmpp:sm:3' h='1'/>");
  bus.loop.advance(200s);
  EXPECT_FALSE(ann.closed());
  EXPECT_THAT(ann.bytes(), Not(HasSubstr("<r ")));
  for (uint32_t i = 0; i < limits::unacked_ask_stanzas; ++i) bob.send("<message to='ann@localhost/a'/>");
  const auto text = ann.bytes();
  EXPECT_EQ(text.find("<r "), text.rfind("<r "));
  EXPECT_NE(text.find("<r "), std::string::npos);
}

TEST_F(Resumption, SM_12_only_the_same_account_resumes) {
  Actor ann(bus, "ann");
  const auto id = manage(ann, "a");
  cut(ann);
  auto eve = again("eve");
  eve->send(resume(id, 0));
  EXPECT_THAT(eve->bytes(), HasSubstr("<failed xmlns='urn:xmpp:sm:3'><item-not-found"));
  auto back = again("ann");
  back->send(resume(id, 0));
  EXPECT_THAT(back->bytes(), HasSubstr("<resumed"));
}

TEST_F(Resumption, SM_14_an_ended_session_says_what_it_had_handled) {
  Actor ann(bus, "ann");
  const auto id = manage(ann, "a", "resume='true' max='10'");
  ann.send("<message to='bob@localhost'/><message to='bob@localhost'/>");
  cut(ann);
  bus.loop.advance(12s);
  auto back = again("ann");
  back->send(resume(id, 0));
  EXPECT_THAT(back->bytes(), HasSubstr("<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found"));
  auto eve = again("eve");
  eve->send(resume(id, 0));
  EXPECT_THAT(eve->bytes(), HasSubstr("<failed xmlns='urn:xmpp:sm:3'><item-not-found"));
  // And a resource may be bound on the same stream.
  back->send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
  EXPECT_THAT(back->bytes(), HasSubstr("<jid>ann@localhost/"));
}

TEST_F(Resumption, SM_15_a_connection_that_is_still_open_ends_with_conflict) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  const auto id = manage(ann, "a");
  auto back = again("ann");
  back->send(resume(id, 0));
  EXPECT_THAT(back->bytes(), HasSubstr("<resumed"));
  EXPECT_TRUE(ann.closed());
  EXPECT_THAT(ann.bytes(), HasSubstr("<conflict"));
  bob.send("<message to='ann@localhost/a'/>");
  EXPECT_EQ(back->stanzas().size(), 1u);
}

TEST_F(Resumption, SM_16_presence_and_roster_are_as_they_were) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  const auto id = manage(ann, "a");
  ann.send("<presence><priority>5</priority></presence><iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
  ann.bytes();
  cut(ann);
  auto back = again("ann");
  back->send(resume(id, 0));
  back->bytes();
  bob.send("<message type='chat' to='ann@localhost'><body>to the available</body></message>");
  EXPECT_EQ(back->stanzas().size(), 1u);
  // Interested still: a push comes.
  back->send("<iq type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='bob@localhost'/></query></iq>");
  EXPECT_THAT(back->bytes(), HasSubstr("<item "));
}

TEST_F(Resumption, SM_17_the_end_of_the_stream_is_the_end_of_the_session) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  const auto id = manage(ann, "a");
  bob.send("<iq type='get' to='ann@localhost/a' id='1'><q xmlns='urn:q'/></iq>"
           "<iq type='get' to='ann@localhost/a' id='2'><q xmlns='urn:q'/></iq>");
  // The last acknowledgement counts (SM-08).
  ann.send("<a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("id", ""), "2");
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  auto back = again("ann");
  back->send(resume(id, 0));
  EXPECT_THAT(back->bytes(), HasSubstr("<failed"));
}

TEST_F(Resumption, SM_09_a_count_too_high_at_resumption_ends_the_stream) {
  Actor ann(bus, "ann");
  const auto id = manage(ann, "a");
  cut(ann);
  auto back = again("ann");
  back->send(resume(id, 1));
  EXPECT_THAT(back->bytes(), HasSubstr("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='1' send-count='0'/>"));
  EXPECT_TRUE(back->closed());
}

TEST_F(Resumption, SM_07_what_reached_nobody_is_not_handled) {
  // A stanza cut in the middle was never one; the whole one before it counts.
  Actor ann(bus, "ann");
  const auto id = manage(ann, "a");
  ann.send("<message to='bob@localhost' id='1'/><message to='bob@lo");
  cut(ann);
  auto back = again("ann");
  back->send(resume(id, 0));
  EXPECT_THAT(back->bytes(), HasSubstr("h='1'"));
}

TEST_F(Resumption, a_new_binding_of_the_resource_ends_what_waited) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  const auto id = manage(ann, "a");
  cut(ann);
  bob.send("<iq type='get' to='ann@localhost/a' id='1'><q xmlns='urn:q'/></iq>");
  Actor other(bus, "ann");
  other.login("a");
  auto got = bob.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
  auto back = again("ann");
  back->send(resume(id, 0));
  EXPECT_THAT(back->bytes(), HasSubstr("<failed"));
}

TEST_F(Resumption, a_server_that_drains_keeps_nobody) {
  Actor ann(bus, "ann"), bob(bus, "bob");
  bob.login("b");
  manage(ann, "a");
  bob.send("<message type='chat' to='ann@localhost/a'><body>x</body></message>");
  cut(ann);
  bool drained = false;
  bus.server.drain(5s, [&] { drained = true; });
  bus.settle();
  EXPECT_TRUE(drained);
  size_t stored = 0;
  bus.store->read_offline("ann", [&](auto messages) { stored = messages.size(); });
  bus.settle();
  EXPECT_EQ(stored, 1u);
}

}  // namespace
}  // namespace xbus::server
