// What the pubsub service keeps in the store, for a restart; tests/plays_real restarts a server in truth.
#include <gmock/gmock.h>

#include "bus/server/pubsub_records.hpp"
#include "tests/bus/server/topics.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;

class Restart : public Topics {};

TEST_F(Restart, everything_but_temporary_subscriptions_is_kept) {
  {
    Actor ann(bus, "ann"), bob(bus, "bob"), carl(bus, "carl");
    ann.login("1");
    bob.login("2");
    carl.login("3");
    EXPECT_EQ(create(ann, "news", {{"title", "T"}, {"max_items", "2"}}), "result");
    EXPECT_EQ(create(ann, "old"), "result");
    EXPECT_EQ(publish(ann, "old", item("x")), "result");
    EXPECT_EQ(subscribe(bob, "old"), "subscribed");
    EXPECT_EQ(outcome(own(ann, "set", "<delete node='old'><redirect uri='xmpp:m'/></delete>")), "result");
    EXPECT_EQ(outcome(own(ann, "set", "<affiliations node='news'><affiliation jid='bob@localhost' affiliation='publisher'/></affiliations>")), "result");
    EXPECT_EQ(subscribe(bob, "news"), "subscribed");
    EXPECT_EQ(subscribe(carl, "news", "<options>" + form("subscribe_options", {{"expire", "presence"}}) + "</options>"), "subscribed");
    EXPECT_EQ(publish(ann, "news", item("a") + item("b")), "result");
    EXPECT_EQ(publish(bob, "news", item("c")), "result");
  }
  size_t nodes = bus.store->entries(pubsub_nodes).size();
  size_t subscriptions = bus.store->entries(pubsub_subscriptions).size();
  EXPECT_EQ(nodes, 1u);
  EXPECT_EQ(subscriptions, 1u);
  std::vector<std::string> kept;
  bus.store->each_item([&](store::TopicItem one, size_t) { kept.push_back(one.id + " of " + one.publisher); });
  EXPECT_THAT(kept, ElementsAre("b of ann@localhost", "c of bob@localhost"));
  auto node = node_from("news", bus.store->entries(pubsub_nodes)[0].value);
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->config.title, "T");
  EXPECT_EQ(node->affiliations.size(), 2u);
  EXPECT_EQ(bus.store->entries(pubsub_redirects).size(), 1u);
}

TEST(PubsubRecords, what_is_no_record_is_none) {
  EXPECT_EQ(node_from("n", "<node/>"), nullptr);
  EXPECT_EQ(node_from("n", "no xml"), nullptr);
  EXPECT_FALSE(subscription_from("1 a@x", "<subscription/>"));
  EXPECT_FALSE(subscription_from("a@x", "<subscription/>"));
}

TEST(PubsubRecords, a_subscription_comes_back) {
  router::pubsub::Subscription one{*xmpp::Jid::parse("ann@x/a b"), xmpp::SubscriptionState::pending, {}, 0};
  one.options.deliver = false;
  auto read = subscription_from(subscription_key(7, one.jid), record_of(one));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, 7);
  EXPECT_EQ(read->second.jid, one.jid);
  EXPECT_EQ(read->second.state, one.state);
  EXPECT_EQ(read->second.options, one.options);
}

}  // namespace
}  // namespace xbus::server
