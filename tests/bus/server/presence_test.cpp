// Plays about presence (RFC 6121 sections 3 and 4).
#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// "type from" of each presence.
std::vector<std::string> presences(Actor& actor) {
  std::vector<std::string> all;
  for (const xml::Element& stanza : actor.stanzas()) {
    if (stanza.name() != "presence") continue;
    all.push_back(std::string(stanza.attr_or("type", "available")) + " " +
                  std::string(stanza.attr_or("from", "")));
  }
  return all;
}

void befriend(Actor& one, const std::string& one_bare, Actor& other,
              const std::string& other_bare) {
  one.send("<presence type='subscribe' to='" + other_bare + "'/>");
  other.send("<presence type='subscribed' to='" + one_bare + "'/><presence type='subscribe' to='" +
             one_bare + "'/>");
  one.send("<presence type='subscribed' to='" + other_bare + "'/>");
  one.forget();
  other.forget();
}

TEST(Presence, presence_notype_goes_to_the_own_resources_and_the_contacts) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.appear("b");
  befriend(ann, "ann@localhost", bob, "bob@localhost");
  ann.send("<presence><show>away</show></presence>");
  EXPECT_THAT(presences(bob), ElementsAre("available ann@localhost/a"));
  EXPECT_THAT(presences(ann), ElementsAre("available ann@localhost/a"));
}

TEST(Presence, presence_probe_a_new_resource_learns_who_is_there) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.appear("b");
  befriend(ann, "ann@localhost", bob, "bob@localhost");
  Actor second(bus, "bob");
  second.login("second");
  second.send("<presence/>");
  EXPECT_THAT(presences(second), testing::UnorderedElementsAre("available bob@localhost/second",
                                                               "available bob@localhost/b",
                                                               "available ann@localhost/a"));
  EXPECT_THAT(presences(ann), ElementsAre("available bob@localhost/second"));
}

// RFC 6121 section 4.3.2, row by row; who asks is a component, which sees every answer.
TEST(Presence, presence_probe_is_answered_by_the_rows_of_the_rfc) {
  ListeningEntity asker;
  Bus bus;
  bus.server.attach("friends.localhost", asker);
  Actor ann(bus, "ann");
  ann.appear("a");
  const auto probe = [&](const std::string& to) {
    asker.got.clear();
    xml::Element stanza("presence", xml::ns_client);
    stanza.set("type", "probe").set("id", "p").set("from", "bob@friends.localhost").set("to", to);
    asker.port->send(stanza);
    bus.settle();
    std::vector<std::string> told;
    for (const xml::Element& one : asker.got) told.push_back(xml::write(one, xml::ns_client));
    return told;
  };
  const auto unsubscribed = [&](const std::string& from) {
    return ElementsAre("<presence type='unsubscribed' to='bob@friends.localhost' from='" + from + "' id='p'/>");
  };
  // 1: no such account, or none that lets the asker see it: both alike, from the bare address.
  EXPECT_THAT(probe("nobody@localhost"), unsubscribed("nobody@localhost"));
  EXPECT_THAT(probe("ann@localhost"), unsubscribed("ann@localhost"));
  EXPECT_THAT(probe("ann@localhost/a"), unsubscribed("ann@localhost"));
  // A pre-approval is no subscription, and outlives the probe.
  ann.send("<presence type='subscribed' to='bob@friends.localhost'/>");
  EXPECT_THAT(probe("ann@localhost"), unsubscribed("ann@localhost"));
  xml::Element wish("presence", xml::ns_client);
  wish.set("type", "subscribe").set("from", "bob@friends.localhost").set("to", "ann@localhost");
  asker.port->send(wish);
  bus.settle();
  // 4: each available resource, in its own words and with its own id.
  ann.send("<presence id='mine'><show>dnd</show></presence>");
  EXPECT_THAT(probe("ann@localhost"), ElementsAre("<presence id='mine' from='ann@localhost/a' to='bob@friends.localhost'>"
                                                  "<show>dnd</show></presence>"));
  // A full address: that it is there and no more; nothing of any other.
  EXPECT_THAT(probe("ann@localhost/a"),
              ElementsAre("<presence to='bob@friends.localhost' from='ann@localhost/a' id='p'/>"));
  EXPECT_THAT(probe("ann@localhost/b"),
              ElementsAre("<presence type='unavailable' to='bob@friends.localhost' from='ann@localhost/b' id='p'/>"));
  // 3: nobody there.
  ann.send("<presence type='unavailable'/>");
  EXPECT_THAT(probe("ann@localhost"),
              ElementsAre("<presence type='unavailable' to='bob@friends.localhost' from='ann@localhost' id='p'/>"));
  ann.hang_up();
  EXPECT_THAT(probe("ann@localhost"),
              ElementsAre("<presence type='unavailable' to='bob@friends.localhost' from='ann@localhost' id='p'/>"));
}

TEST(Presence, presence_unavailable_is_told_when_a_session_says_so_or_ends) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.appear("b");
  befriend(ann, "ann@localhost", bob, "bob@localhost");
  ann.send("<presence type='unavailable'><status>tea</status></presence>");
  EXPECT_THAT(presences(bob), ElementsAre("unavailable ann@localhost/a"));
  ann.send("<presence/>");
  bob.forget();
  ann.hang_up();
  EXPECT_THAT(presences(bob), ElementsAre("unavailable ann@localhost/a"));
}

TEST(Presence, strangers_learn_nothing) {
  Bus bus;
  Actor ann(bus, "ann"), eve(bus, "eve");
  ann.appear("a");
  eve.appear("e");
  eve.send("<presence type='probe' to='ann@localhost'/>");
  EXPECT_THAT(presences(eve), IsEmpty());  // table 9: "unsubscribed" changes nothing for her
  EXPECT_THAT(presences(ann), IsEmpty());
  eve.send(
      "<iq type='get' to='ann@localhost' id='1'><query "
      "xmlns='http://jabber.org/protocol/disco#items'/></iq>");
  auto got = eve.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "service-unavailable");
}

TEST(Presence, directed_presence_ends_with_the_session) {
  ListeningEntity registry;
  Bus bus;
  bus.server.attach("services.localhost", registry);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  ann.send(
      "<presence to='echo@services.localhost'><show>away</show></presence><presence "
      "to='bob@localhost/b'/>");
  ASSERT_EQ(registry.got.size(), 1u);
  EXPECT_EQ(registry.got[0].attr_or("from", ""), "ann@localhost/a");
  EXPECT_THAT(presences(bob), ElementsAre("available ann@localhost/a"));
  ann.hang_up();
  ASSERT_EQ(registry.got.size(), 2u);
  EXPECT_EQ(registry.got[1].attr_or("type", ""), "unavailable");
  EXPECT_EQ(registry.got[1].attr_or("from", ""), "ann@localhost/a");
  EXPECT_EQ(registry.got[1].attr_or("to", ""), "echo@services.localhost");
  EXPECT_THAT(presences(bob), ElementsAre("unavailable ann@localhost/a"));
}

TEST(Presence, directed_presence_taken_back_is_not_told_again) {
  ListeningEntity registry;
  Bus bus;
  bus.server.attach("services.localhost", registry);
  Actor ann(bus, "ann");
  ann.login("a");
  ann.send(
      "<presence to='echo@services.localhost'/><presence type='unavailable' "
      "to='echo@services.localhost'/>");
  ann.hang_up();
  EXPECT_EQ(registry.got.size(), 2u);
}

TEST(Presence, unavailable_ends_directed_presence_too) {
  ListeningEntity registry;
  Bus bus;
  bus.server.attach("services.localhost", registry);
  Actor ann(bus, "ann");
  ann.appear("a");
  ann.send("<presence to='echo@services.localhost'/><presence type='unavailable'/>");
  ASSERT_EQ(registry.got.size(), 2u);
  EXPECT_EQ(registry.got[1].attr_or("type", ""), "unavailable");
}

TEST(Presence, directed_presence_has_a_bound) {
  ListeningEntity registry;
  Bus bus;
  bus.server.attach("services.localhost", registry);
  Actor ann(bus, "ann");
  ann.login("a");
  for (size_t i = 0; i < limits::directed_presence_max; ++i) {
    ann.send("<presence to='s" + std::to_string(i) + "@services.localhost'/>");
  }
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  EXPECT_EQ(registry.got.size(), limits::directed_presence_max);
  ann.send("<presence to='more@services.localhost'/>");
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "resource-constraint");
}

TEST(Presence, presence_sub_request_waits_for_who_is_away) {
  Bus bus;
  Actor ann(bus, "ann");
  ann.appear("a");
  {
    Actor bob(bus, "bob");
    bob.login("once");
  }
  ann.send(
      "<presence type='subscribe' to='bob@localhost' id='s'><status>please</status></presence>");
  Actor bob(bus, "bob");
  bob.login("b");
  bob.send("<presence/>");
  EXPECT_THAT(presences(bob), Contains("subscribe ann@localhost"));
  bob.send("<presence type='subscribed' to='ann@localhost'/>");
  EXPECT_THAT(presences(ann), Contains("subscribed bob@localhost"));
  // Answered: not asked again.
  Actor again(bus, "bob");
  again.login("again");
  again.send("<presence/>");
  EXPECT_THAT(presences(again), testing::Not(Contains("subscribe ann@localhost")));
}

TEST(Presence, presence_sub_preapproval_grants_without_asking) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.appear("b");
  bob.send("<presence type='subscribed' to='ann@localhost'/>");
  EXPECT_THAT(presences(ann), IsEmpty());
  ann.send("<presence type='subscribe' to='bob@localhost'/>");
  auto got = presences(ann);
  EXPECT_THAT(got, Contains("subscribed bob@localhost"));
  EXPECT_THAT(got, Contains("available bob@localhost/b"));
  EXPECT_THAT(presences(bob), testing::Not(Contains("subscribe ann@localhost")));
}

TEST(Presence, presence_sub_cancel_takes_sight_away) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.appear("b");
  befriend(ann, "ann@localhost", bob, "bob@localhost");
  bob.send("<presence type='unsubscribed' to='ann@localhost'/>");
  EXPECT_THAT(presences(ann),
              ElementsAre("unavailable bob@localhost/b", "unsubscribed bob@localhost"));
  bob.send("<presence><show>dnd</show></presence>");
  EXPECT_THAT(presences(ann), IsEmpty());
}

TEST(Presence, presence_sub_unsubscribe_is_confirmed) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.appear("a");
  bob.appear("b");
  befriend(ann, "ann@localhost", bob, "bob@localhost");
  ann.send("<presence type='unsubscribe' to='bob@localhost'/>");
  EXPECT_THAT(presences(bob), Contains("unsubscribe ann@localhost"));
  EXPECT_THAT(presences(ann), Contains("unavailable bob@localhost/b"));
}

}  // namespace
}  // namespace xbus::server
