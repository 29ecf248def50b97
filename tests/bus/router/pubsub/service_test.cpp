// Nodes: who may create, configure, delete and purge them, and the limits of the whole service.
#include "bus/router/pubsub/service.hpp"

#include <gmock/gmock.h>

#include "bus/limits_topics.hpp"
#include "tests/bus/router/pubsub/world.hpp"

namespace xbus::router::pubsub {
namespace {

using NodeTest = ServiceTest;

TEST_F(NodeTest, PS_01_creator_is_owner_and_others_are_none) {
  Node& made = node();
  EXPECT_EQ(made.affiliations.of(ann), Affiliation::owner);
  EXPECT_EQ(made.affiliations.of(bob), Affiliation::none);
  EXPECT_EQ(made.creator, jid("ann@x"));
  EXPECT_EQ(made.created, at(0));
}

TEST_F(NodeTest, PS_10_node_ids_are_unique) {
  node();
  EXPECT_EQ(outcome(service.create(bob, "n", {}, at(1))), "conflict");
}

TEST_F(NodeTest, PS_33_who_may_create) {
  EXPECT_EQ(outcome(service.create(far, "n", {}, at(0))), "forbidden");
  EXPECT_EQ(outcome(service.create(far, "", {}, at(0))), "forbidden");
  auto instant = service.create(bob, "", {}, at(0));
  ASSERT_TRUE(instant.ok());
  EXPECT_EQ((*instant)->name, "id2");  // the first one went with the refused request
}

TEST_F(NodeTest, PS_33_topics_of_a_name_belong_to_its_owners) {
  world.names["agent"] = "ann@x";
  EXPECT_EQ(outcome(service.create(bob, "agent/link", {}, at(0))), "forbidden");
  EXPECT_EQ(outcome(service.create(ann, "agent/link", {}, at(0))), "ok");
  EXPECT_EQ(outcome(service.create(root, "agent/load", {}, at(0))), "ok");
  // The name's owner owns what an admin has made there.
  EXPECT_EQ(outcome(service.owned(ann, "agent/load")), "ok");
  // A name that nobody owns is taken by the first, where policy says so.
  EXPECT_EQ(outcome(service.create(bob, "new/topic", {}, at(0))), "ok");
  EXPECT_EQ(outcome(service.create(ann, "new/other", {}, at(0))), "forbidden");
  world.first_come = false;
  EXPECT_EQ(outcome(service.create(bob, "none/topic", {}, at(0))), "forbidden");
}

TEST_F(NodeTest, PS_35_a_name_that_changes_hands_takes_its_topics_along) {
  world.names["agent"] = "ann@x";
  node({}, "agent/link");
  world.names["agent"] = "bob@x";
  EXPECT_EQ(outcome(service.configure(ann, "agent/link", config({{"title", "t"}}))), "forbidden");
  EXPECT_EQ(publish(ann, {draft("1")}, "agent/link"), "forbidden");
  EXPECT_EQ(outcome(service.configure(bob, "agent/link", config({{"title", "t"}}))), "ok");
  EXPECT_EQ(publish(bob, {draft("1")}, "agent/link"), "ok");
}

TEST_F(NodeTest, PS_35_configure) {
  Node& made = node();
  EXPECT_EQ(outcome(service.configure(bob, "n", config({}))), "forbidden");
  EXPECT_EQ(outcome(service.configure(ann, "other", config({}))), "item-not-found");
  EXPECT_EQ(outcome(service.configure(ann, "n", config({{"max_items", "none"}}))), "not-acceptable");
  EXPECT_EQ(outcome(service.configure(ann, "n", config({{"access_model", "odd"}}))),
            "not-acceptable+unsupported-access-model");
  EXPECT_EQ(made.config, xmpp::NodeConfig{});
  auto changed = service.configure(ann, "n", config({{"title", "News"}, {"persist_items", "true"}}));
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(made.config.title, "News");
  EXPECT_EQ(changed->before.title, "");
}

TEST_F(NodeTest, PS_35_a_smaller_max_items_removes_the_oldest) {
  Node& made = node();
  for (const char* id : {"a", "b", "c"}) EXPECT_EQ(publish(ann, {draft(id)}), "ok");
  auto changed = service.configure(ann, "n", config({{"max_items", "1"}}));
  ASSERT_TRUE(changed.ok());
  ASSERT_EQ(changed->gone.size(), 2u);
  EXPECT_EQ(changed->gone[0].id, "a");
  EXPECT_EQ(made.items.size(), 1u);
  EXPECT_EQ(service.items(), 1u);
}

TEST_F(NodeTest, PS_35_another_access_model_ends_the_subscriptions_it_leaves_out) {
  Node& made = node();
  EXPECT_EQ(subscribe(ann), "subscribed");
  EXPECT_EQ(subscribe(bob), "subscribed");
  auto changed = service.configure(ann, "n", config({{"access_model", "whitelist"}}));
  ASSERT_TRUE(changed.ok());
  ASSERT_EQ(changed->ended.size(), 1u);
  EXPECT_EQ(changed->ended[0].jid, bob);
  EXPECT_EQ(made.subscriptions.size(), 1u);
}

TEST_F(NodeTest, PS_37_deleted_with_a_successor) {
  node();
  EXPECT_EQ(subscribe(bob), "subscribed");
  EXPECT_EQ(publish(ann, {draft("1")}), "ok");
  EXPECT_EQ(outcome(service.remove(bob, "n", "")), "forbidden");
  EXPECT_EQ(outcome(service.remove(ann, "other", "")), "item-not-found");
  auto removed = service.remove(ann, "n", "xmpp:events.x?;node=m");
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ((*removed)->subscriptions.size(), 1u);  // to be told
  EXPECT_EQ(service.items(), 0u);
  EXPECT_EQ(service.subscriptions(), 0u);
  EXPECT_TRUE(service.subscribed_to(bob).empty());
  auto gone = service.subscribe(bob, "n", bob, {}, at(1));
  ASSERT_FALSE(gone.ok());  // PS-15
  EXPECT_EQ(gone.error().condition, xmpp::Condition::gone);
  EXPECT_EQ(gone.error().uri, "xmpp:events.x?;node=m");
  node();
  EXPECT_EQ(subscribe(bob), "subscribed");
}

TEST_F(NodeTest, PS_38_purge) {
  node();
  for (const char* id : {"a", "b"}) EXPECT_EQ(publish(ann, {draft(id)}), "ok");
  EXPECT_EQ(outcome(service.purge(bob, "n")), "forbidden");
  EXPECT_EQ(outcome(service.purge(ann, "other")), "item-not-found");
  auto purged = service.purge(ann, "n");
  ASSERT_TRUE(purged.ok());
  EXPECT_EQ(purged->second.size(), 2u);
  EXPECT_EQ(items(ann), "");
  node({{"persist_items", "0"}}, "t");
  EXPECT_EQ(outcome(service.purge(ann, "t")), "unsupported:persistent-items");
}

TEST_F(NodeTest, topics_per_account_max) {
  for (size_t i = 0; i < limits::topics_per_account_max; ++i)
    ASSERT_TRUE(service.create(ann, "n" + std::to_string(i), {}, at(0)).ok());
  EXPECT_EQ(outcome(service.create(ann, "over", {}, at(0))),
            "resource-constraint+max-nodes-exceeded");
  EXPECT_EQ(outcome(service.create(bob, "bobs", {}, at(0))), "ok");
  ASSERT_TRUE(service.remove(ann, "n0", "").ok());
  EXPECT_EQ(outcome(service.create(ann, "over", {}, at(0))), "ok");
}

TEST_F(NodeTest, topics_max) {
  for (size_t i = 0; i < limits::topics_max; ++i) {
    auto who = jid("a" + std::to_string(i / limits::topics_per_account_max) + "@x");
    ASSERT_TRUE(service.create(who, "n" + std::to_string(i), {}, at(0)).ok());
  }
  EXPECT_EQ(outcome(service.create(ann, "over", {}, at(0))),
            "resource-constraint+max-nodes-exceeded");
}

TEST_F(NodeTest, topic_redirects_max) {
  for (size_t i = 0; i < limits::topic_redirects_max; ++i)
    service.restore_redirect("gone" + std::to_string(i), "u");
  node();
  EXPECT_EQ(outcome(service.remove(ann, "n", "u")), "resource-constraint");
  EXPECT_EQ(outcome(service.remove(ann, "n", "")), "ok");
}

TEST_F(NodeTest, keys_are_never_used_twice) {
  int64_t first = node().key;
  ASSERT_TRUE(service.remove(ann, "n", "").ok());
  EXPECT_GT(node().key, first);
}

}  // namespace
}  // namespace xbus::router::pubsub
