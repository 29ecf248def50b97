// Topics on a disk that is full: who asked is told, and what the service says of a topic afterwards is what is on disk.
#include <gmock/gmock.h>

#include <algorithm>

#include "bus/server/pubsub_records.hpp"
#include "tests/bus/server/topics.hpp"
#include "tests/bus/store/full_store.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* failed = "internal-server-error";

class FullTopics : public Topics {
 protected:
  FullTopics() : Topics({}, std::make_unique<store::FullStore>()) {
    ann.login("1");
    bob.login("2");
  }
  store::FullStore& disk() { return static_cast<store::FullStore&>(*bus.store); }

  static std::string set_title(const std::string& title) {
    return "<configure node='n'>" + form("node_config", {{"title", title}}) + "</configure>";
  }
  static std::string affiliate(const std::string& how) {
    return "<affiliations node='n'><affiliation jid='bob@localhost' affiliation='" + how + "'/></affiliations>";
  }
  // As its owner is shown it, in XML.
  std::string shown(const std::string& what) {
    return xml::write(own(ann, "get", "<" + what + " node='n'/>"), xml::ns_client);
  }

  Actor ann{bus, "ann"}, bob{bus, "bob"};
};

TEST_F(FullTopics, a_configuration_that_cannot_be_kept_is_taken_back) {
  ASSERT_EQ(create(ann, "n", {{"title", "first"}, {"max_items", "3"}}), "result");
  ASSERT_EQ(publish(ann, "n", item("a") + item("b") + item("c")), "result");
  disk().full = true;
  const std::string wanted = form("node_config", {{"title", "second"}, {"max_items", "1"}});
  EXPECT_EQ(outcome(own(ann, "set", "<configure node='n'>" + wanted + "</configure>")), failed);
  EXPECT_THAT(shown("configure"), HasSubstr("<value>first</value>"));
  EXPECT_EQ(items(ann, "n"), "a b c ");
  disk().full = false;
  EXPECT_EQ(outcome(own(ann, "set", set_title("third"))), "result");
  EXPECT_THAT(shown("configure"), HasSubstr("<value>third</value>"));
  auto node = node_from("n", disk().entries(pubsub_nodes).at(0).value);
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->config.title, "third");
  EXPECT_EQ(node->config.max_items, 3u);
}

// The later of two that wait together stands on the earlier: where it is kept, both are.
TEST_F(FullTopics, the_last_of_the_changes_under_way_decides) {
  ASSERT_EQ(create(ann, "n", {{"title", "first"}}), "result");
  const auto ask_twice = [&](const std::string& one, const std::string& other) {
    disk().slow = true;
    for (const std::string& title : {one, other})
      ann.send("<iq to='events.localhost' type='set' id='" + title + "'><pubsub xmlns='" +
               std::string(ns_ps_owner) + "'>" + set_title(title) + "</pubsub></iq>");
    ann.forget();
  };
  ask_twice("second", "third");
  disk().full = true;
  disk().go_on();
  bus.settle();
  EXPECT_THAT(shown("configure"), HasSubstr("<value>first</value>"));
  disk().full = false;
  ask_twice("fourth", "fifth");
  disk().go_on();
  bus.settle();
  EXPECT_THAT(shown("configure"), HasSubstr("<value>fifth</value>"));
  disk().full = true;
  EXPECT_EQ(outcome(own(ann, "set", set_title("sixth"))), failed);
  EXPECT_THAT(shown("configure"), HasSubstr("<value>fifth</value>"));
}

TEST_F(FullTopics, an_affiliation_that_cannot_be_kept_gives_no_rights) {
  ASSERT_EQ(create(ann, "n", {{"publish_model", "publishers"}}), "result");
  disk().full = true;
  EXPECT_EQ(outcome(own(ann, "set", affiliate("publisher"))), failed);
  disk().full = false;
  EXPECT_EQ(publish(bob, "n", item("x")), "forbidden");
  EXPECT_EQ(outcome(own(ann, "set", affiliate("publisher"))), "result");
  EXPECT_EQ(publish(bob, "n", item("x")), "result");
  disk().full = true;
  EXPECT_EQ(outcome(own(ann, "set", affiliate("none"))), failed);
  EXPECT_THAT(shown("affiliations"), HasSubstr("bob@localhost"));
}

TEST_F(FullTopics, a_topic_that_cannot_be_kept_is_not_there) {
  disk().full = true;
  EXPECT_EQ(create(ann, "n"), failed);
  EXPECT_EQ(items(ann, "n"), "item-not-found");
  EXPECT_EQ(publish(ann, "n", item("a")), failed);
  EXPECT_EQ(items(ann, "n"), "item-not-found");
  disk().full = false;
  EXPECT_EQ(create(ann, "n"), "result");
  EXPECT_EQ(publish(ann, "n", item("a")), "result");
}

TEST_F(FullTopics, what_cannot_be_removed_stays) {
  ASSERT_EQ(create(ann, "n", {{"title", "first"}}), "result");
  ASSERT_EQ(subscribe(bob, "n"), "subscribed");
  ASSERT_EQ(publish(ann, "n", item("a") + item("b")), "result");
  bob.forget();
  disk().full = true;
  EXPECT_EQ(outcome(pubsub(ann, "set", "<retract node='n' notify='true'><item id='a'/></retract>")), failed);
  EXPECT_EQ(outcome(own(ann, "set", "<purge node='n'/>")), failed);
  EXPECT_EQ(outcome(own(ann, "set", "<delete node='n'><redirect uri='xmpp:m'/></delete>")), failed);
  EXPECT_THAT(events(bob), IsEmpty());
  EXPECT_EQ(items(ann, "n"), "a b ");
  EXPECT_THAT(shown("configure"), HasSubstr("<value>first</value>"));
  disk().full = false;
  EXPECT_EQ(publish(ann, "n", item("c")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items n: c "));
  EXPECT_EQ(outcome(own(ann, "set", "<delete node='n'/>")), "result");
  EXPECT_THAT(events(bob), ElementsAre("delete n"));
  EXPECT_THAT(disk().entries(pubsub_nodes), IsEmpty());
}

TEST_F(FullTopics, a_subscription_is_as_the_disk_has_it) {
  const auto unsubscribe = [&] {
    return outcome(pubsub(bob, "set", "<unsubscribe node='n' jid='" + bob.jid() + "'/>"));
  };
  ASSERT_EQ(create(ann, "n"), "result");
  disk().full = true;
  EXPECT_EQ(subscribe(bob, "n"), failed);
  disk().full = false;
  EXPECT_EQ(publish(ann, "n", item("a")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
  EXPECT_EQ(unsubscribe(), "unexpected-request+not-subscribed");
  EXPECT_EQ(subscribe(bob, "n"), "subscribed");
  disk().full = true;
  EXPECT_EQ(unsubscribe(), failed);
  const std::string silent = form("subscribe_options", {{"deliver", "false"}});
  EXPECT_EQ(outcome(pubsub(bob, "set", "<options node='n' jid='" + bob.jid() + "'>" + silent + "</options>")), failed);
  disk().full = false;
  bob.forget();
  EXPECT_EQ(publish(ann, "n", item("b")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items n: b "));
  EXPECT_EQ(unsubscribe(), "result");
  EXPECT_EQ(publish(ann, "n", item("c")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
}

// XEP-0060 section 8.8.2, 8.9.2.2 and 8.2: who could not be taken off the list goes on hearing, and who could not be put on
// it hears nothing.
TEST_F(FullTopics, PS_40_what_an_owner_does_with_a_subscription_is_as_the_disk_has_it) {
  const auto set = [&](const std::string& state) {
    return outcome(own(ann, "set", "<subscriptions node='n'><subscription jid='" + bob.jid() + "' subscription='" +
                                       state + "'/></subscriptions>"));
  };
  ASSERT_EQ(create(ann, "n"), "result");
  ASSERT_EQ(subscribe(bob, "n"), "subscribed");
  const std::string closed = "<configure node='n'>" + form("node_config", {{"access_model", "whitelist"}}) + "</configure>";
  disk().full = true;
  EXPECT_EQ(set("none"), failed);
  EXPECT_EQ(outcome(own(ann, "set", affiliate("outcast"))), failed);
  EXPECT_EQ(outcome(own(ann, "set", closed)), failed);
  disk().full = false;
  EXPECT_THAT(events(bob), IsEmpty());
  EXPECT_THAT(shown("subscriptions"), HasSubstr(bob.jid()));
  EXPECT_EQ(publish(ann, "n", item("a")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items n: a "));
  EXPECT_EQ(set("none"), "result");
  bob.forget();
  EXPECT_EQ(publish(ann, "n", item("b")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
}

TEST_F(FullTopics, PS_39_an_approval_that_cannot_be_kept_leaves_it_pending) {
  ASSERT_EQ(create(ann, "n", {{"access_model", "authorize"}}), "result");
  ASSERT_EQ(subscribe(bob, "n"), "pending");
  const auto approve = [&] {
    return outcome(own(ann, "set", "<subscriptions node='n'><subscription jid='" + bob.jid() +
                                       "' subscription='subscribed'/></subscriptions>"));
  };
  disk().full = true;
  EXPECT_EQ(approve(), failed);
  disk().full = false;
  bob.forget();
  EXPECT_EQ(publish(ann, "n", item("a")), "result");
  EXPECT_THAT(events(bob), IsEmpty());
  EXPECT_EQ(approve(), "result");
  bob.forget();
  EXPECT_EQ(publish(ann, "n", item("b")), "result");
  EXPECT_THAT(events(bob), ElementsAre("items n: b "));
}

TEST_F(FullTopics, failed_changes_are_no_flood_of_the_log) {
  ASSERT_EQ(create(ann, "n"), "result");
  disk().full = true;
  const auto told = [&](std::string_view level) {
    return std::count_if(bus.log.begin(), bus.log.end(), [&](const LogLine& line) {
      return line.event == "topic_not_kept" && line.level == level;
    });
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome(own(ann, "set", set_title("t"))), failed);
  EXPECT_EQ(told("error"), 1);
  EXPECT_EQ(told("debug"), 2);
  bus.loop.advance(std::chrono::seconds(10));
  EXPECT_EQ(outcome(own(ann, "set", set_title("t"))), failed);
  EXPECT_EQ(told("error"), 2);
}

}  // namespace
}  // namespace xbus::server
