// Subscribing and the owner's lists, with each refusal.
#include "bus/router/pubsub/subscriptions.hpp"

#include <gmock/gmock.h>

#include "bus/limits_topics.hpp"
#include "tests/bus/router/pubsub/world.hpp"

namespace xbus::router::pubsub {
namespace {

using Subscribing = ServiceTest;

xmpp::Form options(std::string_view var, std::string_view value) {
  xmpp::Form form = xmpp::make_form(xmpp::FormType::submit, xmpp::form_subscribe_options);
  form.add("pubsub#" + std::string(var), value);
  return form;
}

TEST_F(Subscribing, PS_02_full_and_bare_addresses_are_told_apart) {
  Node& made = node();
  EXPECT_EQ(subscribe(bob), "subscribed");
  EXPECT_EQ(outcome(service.subscribe(bob, "n", bob.bare(), {}, at(0))), "ok");
  EXPECT_EQ(made.subscriptions.size(), 2u);
  EXPECT_EQ(made.subscriptions.of(bob).size(), 2u);
  EXPECT_TRUE(made.subscriptions.any_of(bob.bare()));
  // One whose name begins the same is another.
  EXPECT_EQ(outcome(service.subscribe(jid("bob@x.y/1"), "n", jid("bob@x.y"), {}, at(0))), "ok");
  EXPECT_EQ(made.subscriptions.of(bob).size(), 2u);
}

TEST_F(Subscribing, PS_11_the_jid_must_be_the_requesters) {
  node();
  EXPECT_EQ(outcome(service.subscribe(bob, "n", carl, {}, at(0))), "bad-request+invalid-jid");
  EXPECT_EQ(outcome(service.subscribe(bob, "n", jid("bob@x/other"), {}, at(0))), "ok");
}

TEST_F(Subscribing, PS_08_PS_12_PS_13_access_models) {
  struct Case {
    const char* model;
    const char *stranger, *fitting;
  };
  const Case cases[] = {
      {"open", "subscribed", "subscribed"},
      {"presence", "not-authorized+presence-subscription-required", "subscribed"},
      {"roster", "not-authorized+not-in-roster-group", "subscribed"},
      {"authorize", "pending", "pending"},
      {"whitelist", "not-allowed+closed-node", "not-allowed+closed-node"},
  };
  world.friends = {"carl@x"};
  world.roster = {{"family", "carl@x"}};
  for (const Case& one : cases) {
    if (service.find("n") != nullptr) {
      ASSERT_TRUE(service.remove(ann, "n", "").ok());
    }
    node({{"access_model", one.model}, {"roster_groups_allowed", "family"}});
    EXPECT_EQ(subscribe(bob), one.stranger) << one.model;
    EXPECT_EQ(subscribe(carl), one.fitting) << one.model;
    EXPECT_EQ(subscribe(ann), "subscribed") << one.model;
    affiliate(far, Affiliation::outcast);
    EXPECT_EQ(subscribe(far), "forbidden") << one.model;
    affiliate(far, Affiliation::publish_only);
    EXPECT_EQ(subscribe(far), "forbidden") << one.model;
    affiliate(far, Affiliation::member);
    EXPECT_EQ(subscribe(far), "subscribed") << one.model;
  }
}

TEST_F(Subscribing, PS_13_pending_again) {
  node({{"access_model", "authorize"}});
  EXPECT_EQ(subscribe(bob), "pending");
  EXPECT_EQ(subscribe(bob), "not-authorized+pending-subscription");
}

TEST_F(Subscribing, PS_14_subscribing_is_switched_off) {
  node({{"subscribe", "0"}});
  EXPECT_EQ(subscribe(bob), "unsupported:subscribe");
}

TEST_F(Subscribing, PS_14_subscriptions_per_account_max) {
  Node& made = node();
  for (size_t i = 0; i < limits::subscriptions_per_account_max; ++i)
    service.restore(made, Subscription{jid("bob@x/" + std::to_string(i)),
                                       SubscriptionState::subscribed, {}, 0});
  EXPECT_EQ(subscribe(jid("bob@x/over")), "policy-violation+too-many-subscriptions");
  EXPECT_EQ(subscribe(carl), "subscribed");
  EXPECT_EQ(outcome(service.unsubscribe(bob, "n", jid("bob@x/0"))), "ok");
  EXPECT_EQ(subscribe(jid("bob@x/over")), "subscribed");
}

TEST_F(Subscribing, PS_14_topic_subscriptions_max) {
  Node& made = node();
  for (size_t i = 0; i < limits::topic_subscriptions_max; ++i)
    service.restore(made, Subscription{jid("a" + std::to_string(i) + "@x"),
                                       SubscriptionState::subscribed, {}, 0});
  EXPECT_EQ(subscribe(bob), "policy-violation+too-many-subscriptions");
}

TEST_F(Subscribing, PS_15_no_node) { EXPECT_EQ(subscribe(bob), "item-not-found"); }

TEST_F(Subscribing, PS_16_again_is_no_error) {
  node();
  EXPECT_EQ(subscribe(bob), "subscribed");
  auto again = service.subscribe(bob, "n", bob, {}, at(0));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(again->subscription.state, SubscriptionState::subscribed);
}

TEST_F(Subscribing, PS_17_unsubscribe) {
  node();
  EXPECT_EQ(outcome(service.unsubscribe(bob, "other", bob)), "item-not-found");
  EXPECT_EQ(outcome(service.unsubscribe(bob, "n", bob)), "unexpected-request+not-subscribed");
  EXPECT_EQ(subscribe(bob), "subscribed");
  EXPECT_EQ(outcome(service.unsubscribe(carl, "n", bob)), "forbidden");
  EXPECT_EQ(outcome(service.unsubscribe(bob, "n", bob)), "ok");
  EXPECT_TRUE(service.subscribed_to(bob).empty());
}

TEST_F(Subscribing, PS_18_options) {
  node();
  auto set = [&](std::string_view var, std::string_view value) {
    return outcome(service.set_options(bob, "n", bob, options(var, value), at(0)));
  };
  EXPECT_EQ(set("deliver", "0"), "unexpected-request+not-subscribed");
  EXPECT_EQ(subscribe(bob), "subscribed");
  EXPECT_EQ(set("deliver", "maybe"), "bad-request+invalid-options");
  EXPECT_EQ(set("expire", "tomorrow"), "bad-request+invalid-options");
  EXPECT_EQ(set("expire", "2001-01-01T00:00:00Z"), "bad-request+invalid-options");
  EXPECT_EQ(set("deliver", "false"), "ok");
  auto now = service.options(bob, "n", bob);
  ASSERT_TRUE(now.ok());
  EXPECT_FALSE(now->subscription.options.deliver);
  EXPECT_FALSE(now->subscription.hears(at(0)));  // PS-03
  EXPECT_EQ(outcome(service.options(carl, "n", bob)), "forbidden");
}

TEST_F(Subscribing, PS_43_leases_and_temporary_subscriptions) {
  node({{"tempsub", "1"}});
  auto with = service.subscribe(bob, "n", bob, options("expire", "2030-01-01T00:00:00Z"), at(0));
  ASSERT_TRUE(with.ok());
  EXPECT_TRUE(with->subscription.options.until_presence);  // as the node says
  EXPECT_TRUE(with->subscription.hears(at(0)));
  EXPECT_FALSE(with->subscription.hears(at(400'000'000)));
}

TEST_F(Subscribing, PS_03_PS_39_an_owner_decides) {
  Node& made = node({{"access_model", "authorize"}});
  EXPECT_EQ(subscribe(bob), "pending");
  EXPECT_FALSE(made.subscriptions.find(bob)->hears(at(0)));
  EXPECT_EQ(items(bob), "not-authorized+not-subscribed");
  EXPECT_EQ(outcome(service.decide(bob, "n", bob, true)), "forbidden");
  EXPECT_EQ(outcome(service.decide(ann, "n", carl, true)), "unexpected-request+not-subscribed");
  EXPECT_EQ(outcome(service.decide(ann, "n", bob, true)), "ok");
  EXPECT_TRUE(made.subscriptions.find(bob)->hears(at(0)));
  EXPECT_EQ(items(bob), "");
  EXPECT_EQ(subscribe(carl), "pending");
  EXPECT_EQ(outcome(service.decide(ann, "n", carl, false)), "ok");
  EXPECT_EQ(made.subscriptions.find(carl), nullptr);
}

TEST_F(Subscribing, PS_40_subscriptions_changed_by_the_owner) {
  Node& made = node({{"access_model", "authorize"}});
  EXPECT_EQ(subscribe(bob), "pending");
  EXPECT_EQ(outcome(service.set_subscriptions(bob, "n", {})), "forbidden");
  EXPECT_EQ(outcome(service.set_subscriptions(ann, "other", {})), "item-not-found");
  auto changed = service.set_subscriptions(
      ann, "n", {{bob, SubscriptionState::subscribed}, {carl, SubscriptionState::subscribed}});
  ASSERT_TRUE(changed.ok());
  ASSERT_EQ(changed->subscriptions.size(), 1u);
  ASSERT_EQ(changed->refused_subscriptions.size(), 1u);  // who has not asked
  EXPECT_EQ(changed->refused_subscriptions[0].jid, carl);
  EXPECT_EQ(changed->refused_subscriptions[0].state, SubscriptionState::none);
  EXPECT_EQ(made.subscriptions.find(bob)->state, SubscriptionState::subscribed);
  changed = service.set_subscriptions(ann, "n", {{bob, SubscriptionState::none}});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(made.subscriptions.size(), 0u);
}

TEST_F(Subscribing, PS_40_affiliations_changed_by_the_owner) {
  Node& made = node();
  EXPECT_EQ(outcome(service.set_affiliations(bob, "n", {})), "forbidden");
  EXPECT_EQ(outcome(service.set_affiliations(ann, "other", {})), "item-not-found");
  EXPECT_EQ(subscribe(bob), "subscribed");
  auto changed = service.set_affiliations(
      ann, "n", {{ann, Affiliation::none}, {bob, Affiliation::outcast}, {carl, Affiliation::owner}});
  ASSERT_TRUE(changed.ok());
  ASSERT_EQ(changed->refused_affiliations.size(), 1u);  // the last owner stays
  EXPECT_EQ(changed->refused_affiliations[0].second, Affiliation::owner);
  EXPECT_EQ(changed->subscriptions.size(), 1u);
  EXPECT_EQ(made.subscriptions.size(), 0u);
  EXPECT_EQ(outcome(service.set_affiliations(ann, "n", {{ann, Affiliation::none}})), "ok");
  EXPECT_EQ(made.affiliations.owners(), 1u);
}

TEST_F(Subscribing, topic_affiliations_max) {
  Node& made = node();
  for (size_t i = 1; i < limits::topic_affiliations_max; ++i)
    made.affiliations.set(jid("a" + std::to_string(i) + "@x"), Affiliation::member);
  auto changed = service.set_affiliations(ann, "n", {{bob, Affiliation::member}});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->refused_affiliations.size(), 1u);
}

}  // namespace
}  // namespace xbus::router::pubsub
