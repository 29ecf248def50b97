// Items: publishing, retracting and retrieving, with each refusal.
#include <gmock/gmock.h>

#include "bus/limits_topics.hpp"
#include "tests/bus/router/pubsub/world.hpp"

namespace xbus::router::pubsub {
namespace {

using Publishing = ServiceTest;

TEST_F(Publishing, PS_22_an_id_is_made_where_none_is_given_and_the_same_id_overwrites) {
  Node& made = node();
  auto first = service.publish(ann, "n", {draft("")}, {}, at(1));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->added[0].id, "id1");
  ASSERT_TRUE(service.publish(ann, "n", {draft("a", 5)}, {}, at(2)).ok());
  auto second = service.publish(ann, "n", {draft("a", 7)}, {}, at(3));
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second->gone.size(), 1u);
  EXPECT_EQ(second->gone[0].published, at(2));
  EXPECT_TRUE(second->retracted.empty());
  EXPECT_EQ(made.items.size(), 2u);
  EXPECT_EQ(made.items.newest()->bytes, 7u);
  EXPECT_EQ(service.items_bytes(), 17u);
}

// Section 4.3: what each kind of node takes.
TEST_F(Publishing, PS_23_event_matrix) {
  struct Case {
    const char *persist, *payloads;
    std::vector<Draft> drafts;
    const char* outcome;
  };
  const Draft empty{"a", 0, "", 0}, two{"a", 2, "u", 10}, other{"a", 1, "v", 10};
  const Case cases[] = {
      {"1", "1", {}, "bad-request+item-required"},
      {"1", "1", {empty}, "bad-request+payload-required"},
      {"1", "1", {two}, "bad-request+invalid-payload"},
      {"1", "1", {draft("a")}, "ok"},
      {"1", "1", {other}, "bad-request+invalid-payload"},
      {"1", "0", {}, "bad-request+item-required"},
      {"1", "0", {empty}, "ok"},
      {"1", "0", {draft("a")}, "ok"},
      {"0", "0", {}, "ok"},
      {"0", "0", {empty}, "bad-request+item-forbidden"},
      {"0", "0", {draft("a")}, "bad-request+item-forbidden"},
      {"0", "1", {}, "bad-request+item-required"},
      {"0", "1", {empty}, "bad-request+payload-required"},
      {"0", "1", {draft("a")}, "ok"},
  };
  int number = 0;
  for (const Case& one : cases) {
    std::string name = "n" + std::to_string(number++);
    node({{"persist_items", one.persist}, {"deliver_payloads", one.payloads}, {"type", "u"}}, name);
    EXPECT_EQ(publish(ann, one.drafts, name), one.outcome) << name;
  }
}

TEST_F(Publishing, PS_24_refusals) {
  node({{"max_payload_size", "20"}});
  EXPECT_EQ(publish(ann, {draft("a", 20)}), "ok");
  EXPECT_EQ(publish(ann, {draft("a", 21)}), "not-acceptable+payload-too-big");
  EXPECT_EQ(publish(bob, {draft("a")}), "forbidden");
  EXPECT_EQ(publish(far, {draft("a")}, "other"), "item-not-found");
  world.names["agent"] = "ann@x";
  EXPECT_EQ(publish(bob, {draft("a")}, "agent/link"), "forbidden");
}

TEST_F(Publishing, PS_24_a_topic_is_made_by_the_way) {
  EXPECT_EQ(publish(bob, {}, "made"), "bad-request+item-required");
  EXPECT_EQ(service.find("made"), nullptr);
  auto published = service.publish(bob, "made", {draft("a")}, config({{"max_items", "3"}}), at(0));
  ASSERT_TRUE(published.ok());
  EXPECT_TRUE(published->created);
  EXPECT_EQ(published->node->config.max_items, 3u);
  EXPECT_EQ(published->node->affiliations.of(bob), Affiliation::owner);
  EXPECT_EQ(outcome(service.publish(bob, "odd", {draft("a")}, config({{"odd", "3"}}), at(0))),
            "conflict+precondition-not-met");
}

TEST_F(Publishing, PS_09_publish_models) {
  node({{"publish_model", "subscribers"}});
  EXPECT_EQ(publish(bob, {draft("a")}), "forbidden");
  EXPECT_EQ(subscribe(bob), "subscribed");
  EXPECT_EQ(publish(bob, {draft("a")}), "ok");
  EXPECT_EQ(publish(carl, {draft("a")}), "forbidden");
  ASSERT_TRUE(service.configure(ann, "n", config({{"publish_model", "open"}})).ok());
  EXPECT_EQ(publish(far, {draft("a")}), "ok");
  affiliate(far, Affiliation::outcast);
  EXPECT_EQ(publish(far, {draft("a")}), "forbidden");
  ASSERT_TRUE(service.configure(ann, "n", config({{"publish_model", "publishers"}})).ok());
  affiliate(carl, Affiliation::publisher);
  EXPECT_EQ(publish(carl, {draft("a")}), "ok");
  affiliate(carl, Affiliation::publish_only);
  EXPECT_EQ(publish(carl, {draft("a")}), "ok");
  EXPECT_EQ(items(carl), "forbidden");
  affiliate(carl, Affiliation::member);
  EXPECT_EQ(publish(carl, {draft("a")}), "forbidden");
}

TEST_F(Publishing, PS_25_a_full_node) {
  struct Case {
    const char* policy;
    const char* outcome;
    size_t retracted;
  };
  for (const Case& one : {Case{"retract-oldest", "ok", 1}, Case{"discard-oldest", "ok", 0},
                          Case{"reject", "conflict+node-full", 0}}) {
    node({{"max_items", "2"}, {"publish_node_full", one.policy}, {"notify_retract", "1"}},
         one.policy);
    EXPECT_EQ(publish(ann, {draft("a")}, one.policy), "ok");
    EXPECT_EQ(publish(ann, {draft("b")}, one.policy), "ok");
    EXPECT_EQ(publish(ann, {draft("b")}, one.policy), "ok");  // overwrites: not one more
    auto third = service.publish(ann, one.policy, {draft("c")}, {}, at(0));
    EXPECT_EQ(outcome(third), one.outcome);
    if (!third) continue;
    EXPECT_EQ(third->gone.size(), 1u);
    EXPECT_EQ(third->gone[0].id, "a");
    EXPECT_EQ(third->retracted.size(), one.retracted);
  }
}

TEST_F(Publishing, PS_25_max_stands_for_the_limit) {
  EXPECT_EQ(node({{"max_items", "max"}}).config.max_items, limits::topic_items_max);
}

TEST_F(Publishing, PS_26_publish_options_are_preconditions) {
  node({{"access_model", "whitelist"}, {"max_items", "max"}});
  auto with = [&](const std::vector<std::pair<std::string, std::string>>& fields) {
    return outcome(service.publish(ann, "n", {draft("a")}, config(fields), at(0)));
  };
  EXPECT_EQ(with({}), "ok");
  EXPECT_EQ(with({{"access_model", "whitelist"}, {"persist_items", "true"}}), "ok");
  EXPECT_EQ(with({{"max_items", "1000000"}}), "ok");
  EXPECT_EQ(with({{"access_model", "open"}}), "conflict+precondition-not-met");
  EXPECT_EQ(with({{"no_such_field", "1"}}), "conflict+precondition-not-met");
  EXPECT_EQ(with({{"access_model", "odd"}}), "conflict+precondition-not-met");
}

TEST_F(Publishing, PS_27_a_batch_is_taken_whole_or_not_at_all) {
  Node& made = node({{"max_items", "3"}});
  EXPECT_EQ(publish(ann, {draft("a"), draft("b"), {"c", 2, "u", 1}}), "bad-request+invalid-payload");
  EXPECT_TRUE(made.items.empty());
  EXPECT_EQ(publish(ann, {draft("a"), draft("b"), draft("c"), draft("d")}),
            "not-allowed+max-items-exceeded");
  EXPECT_EQ(publish(ann, {draft("a"), draft("a")}), "bad-request");
  EXPECT_EQ(publish(ann, {draft("a"), draft(""), draft("b")}), "ok");
  EXPECT_EQ(items(ann), "a id1 b ");
}

TEST_F(Publishing, PS_28_the_publisher_is_who_sent_it) {
  Node& made = node({{"publish_model", "open"}});
  EXPECT_EQ(publish(far, {draft("a")}), "ok");
  EXPECT_EQ(made.items.find("a")->publisher, "far@y");
}

TEST_F(Publishing, PS_29_retract) {
  node({{"publish_model", "open"}});
  EXPECT_EQ(publish(bob, {draft("b")}), "ok");
  EXPECT_EQ(publish(ann, {draft("a"), draft("a2")}), "ok");
  auto retract = [&](const xmpp::Jid& who, const char* id, const char* name = "n") {
    return outcome(service.retract(who, name, {id}));
  };
  EXPECT_EQ(retract(ann, "x"), "item-not-found");
  EXPECT_EQ(retract(ann, "a", "other"), "item-not-found");
  EXPECT_EQ(retract(bob, "a"), "forbidden");
  EXPECT_EQ(retract(bob, "b"), "ok");
  EXPECT_EQ(retract(ann, "a"), "ok");
  EXPECT_EQ(items(ann), "a2 ");
  node({{"persist_items", "0"}}, "t");
  EXPECT_EQ(retract(ann, "a", "t"), "unsupported:persistent-items");
  ASSERT_TRUE(service.configure(ann, "n", config({{"publish_model", "publishers"}})).ok());
  EXPECT_EQ(retract(bob, "a2"), "forbidden");
}

TEST_F(Publishing, PS_19_PS_20_retrieval) {
  node();
  EXPECT_EQ(items(bob), "");
  EXPECT_EQ(outcome(service.retrieve(bob, "other", {})), "item-not-found");
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_EQ(publish(ann, {draft(id)}), "ok");
  EXPECT_EQ(items(bob), "a b c d ");
  EXPECT_EQ(items(bob, {.ids = {"c", "x", "a"}}), "c a ");
  EXPECT_EQ(items(bob, {.ids = {"x"}}), "");
}

TEST_F(Publishing, PS_21_the_newest_and_pages) {
  node();
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_EQ(publish(ann, {draft(id)}), "ok");
  EXPECT_EQ(items(bob, {.newest = 2}), "c d ");
  EXPECT_EQ(items(bob, {.after = "b"}), "c d ");
  EXPECT_EQ(items(bob, {.before = "c"}), "a b ");
  EXPECT_EQ(items(bob, {.before = "", .count_at_most = 1}), "d ");
  EXPECT_EQ(items(bob, {.after = "a", .count_at_most = 2}), "b c ");
  EXPECT_EQ(items(bob, {.after = "gone"}), "item-not-found");
}

TEST_F(Publishing, PS_19_access_models_hold_for_reading) {
  struct Case {
    const char* model;
    const char* stranger;
  };
  for (const Case& one : {Case{"open", ""}, Case{"presence", "not-authorized+presence-subscription-required"},
                          Case{"roster", "not-authorized+not-in-roster-group"},
                          Case{"authorize", "not-authorized+not-subscribed"},
                          Case{"whitelist", "not-allowed+closed-node"}}) {
    if (service.find("n") != nullptr) {
      ASSERT_TRUE(service.remove(ann, "n", "").ok());
    }
    node({{"access_model", one.model}});
    EXPECT_EQ(items(bob), one.stranger) << one.model;
    EXPECT_EQ(items(ann), "") << one.model;
    affiliate(bob, Affiliation::publisher);
    EXPECT_EQ(items(bob), "") << one.model;
    affiliate(bob, Affiliation::outcast);
    EXPECT_EQ(items(bob), "forbidden") << one.model;
  }
}

TEST_F(Publishing, items_expire_in_their_order) {
  Node& made = node({{"item_expire", "10"}});
  for (int second : {0, 5, 12})
    ASSERT_TRUE(service.publish(ann, "n", {draft("")}, {}, at(second)).ok());
  EXPECT_TRUE(service.expire(made, at(9)).empty());
  EXPECT_EQ(service.expire(made, at(15)).size(), 2u);
  EXPECT_EQ(made.items.size(), 1u);
  EXPECT_EQ(service.items(), 1u);
}

TEST_F(Publishing, what_could_not_be_kept_is_undone) {
  Node& made = node({{"max_items", "2"}});
  EXPECT_EQ(publish(ann, {draft("a")}), "ok");
  EXPECT_EQ(publish(ann, {draft("b")}), "ok");
  auto published = service.publish(ann, "n", {draft("c"), draft("b")}, {}, at(1));
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(items(ann), "c b ");
  service.undo(made.key, published->added, published->gone);
  EXPECT_EQ(items(ann), "a b ");
  EXPECT_EQ(service.items(), 2u);
  EXPECT_EQ(service.items_bytes(), 20u);
}

TEST_F(Publishing, items_max) {
  world.admin = "ann@x";
  Node& made = node({{"max_items", "max"}});
  for (size_t i = 1; i <= limits::items_max; ++i)
    service.restore(made, Item{static_cast<int64_t>(i), std::to_string(i), "ann@x", at(0), 1});
  EXPECT_EQ(publish(ann, {draft("new")}), "ok");  // the oldest makes room
  EXPECT_EQ(service.items(), limits::items_max);
  node({}, "m");
  EXPECT_EQ(publish(ann, {draft("new")}, "m"), "resource-constraint");
}

TEST_F(Publishing, items_per_account_max) {
  Node& made = node({{"max_items", "max"}});
  for (size_t i = 1; i <= limits::items_per_account_max; ++i)
    service.restore(made, Item{static_cast<int64_t>(i), std::to_string(i), "ann@x", at(0), 1});
  EXPECT_EQ(publish(ann, {draft("new")}), "resource-constraint");
  EXPECT_EQ(publish(ann, {draft("new")}, "by the way"), "resource-constraint");
  EXPECT_EQ(publish(ann, {draft("7")}), "ok");  // in the place of one that is there
  EXPECT_EQ(publish(bob, {draft("new")}, "of bob"), "ok");
  ASSERT_TRUE(service.retract(ann, "n", {"8"}).ok());
  EXPECT_EQ(publish(ann, {draft("new")}), "ok");
  EXPECT_EQ(publish(ann, {draft("newer")}), "resource-constraint");
  ASSERT_TRUE(service.purge(ann, "n").ok());
  EXPECT_EQ(publish(ann, {draft("new")}), "ok");
  EXPECT_EQ(service.items(), 2u);
}

TEST_F(Publishing, items_bytes_per_account_max) {
  Node& made = node({{"max_items", "max"}});
  uint64_t left = limits::items_bytes_per_account_max - 10;
  for (int64_t seq = 1; left > 0; ++seq) {
    auto bytes = static_cast<uint32_t>(std::min<uint64_t>(left, UINT32_MAX));
    service.restore(made, Item{seq, std::to_string(seq), "ann@x", at(0), bytes});
    left -= bytes;
  }
  EXPECT_EQ(publish(ann, {draft("a", 11)}), "resource-constraint");
  EXPECT_EQ(publish(ann, {draft("a", 10)}), "ok");
  EXPECT_EQ(publish(bob, {draft("a", 11)}, "of bob"), "ok");
  world.admin = "ann@x";
  EXPECT_EQ(publish(ann, {draft("b", 11)}), "ok");
}

TEST_F(Publishing, items_bytes_max) {
  world.admin = "ann@x";
  Node& made = node({{"max_items", "max"}});
  uint64_t left = limits::items_bytes_max - 10;
  for (int64_t seq = 1; left > 0; ++seq) {
    auto bytes = static_cast<uint32_t>(std::min<uint64_t>(left, UINT32_MAX));
    service.restore(made, Item{seq, std::to_string(seq), "ann@x", at(0), bytes});
    left -= bytes;
  }
  EXPECT_EQ(publish(ann, {draft("a", 11)}), "resource-constraint");
  EXPECT_EQ(publish(ann, {draft("a", 10)}), "ok");
}

xmpp::Form compare(const std::string& value) {
  xmpp::Form form = xmpp::make_form(xmpp::FormType::submit, xmpp::form_publish_options);
  form.add(xmpp::var_compare_and_publish, value);
  return form;
}

TEST_F(Publishing, PS_47_published_only_after_what_is_thought_to_be_the_newest) {
  Node& made = node();
  auto attempt = [&](const std::string& value, const std::string& id) {
    auto published = service.publish(ann, "n", {draft(id)}, compare(value), at(1));
    if (published) return std::string("ok");
    return name_of(published.error()) + ' ' + published.error().newest_value.value_or("none");
  };
  const std::string failed = "conflict+precondition-not-met ";
  EXPECT_EQ(attempt("7", "a"), failed);
  EXPECT_EQ(attempt("", "a"), "ok");  // nothing is there yet
  const std::string first = compared_value(*made.items.newest());
  EXPECT_EQ(attempt("", "a"), failed + first);
  EXPECT_EQ(attempt(first, "a"), "ok");
  // Of two who have read the same, one is told that it came too late.
  const std::string second = compared_value(*made.items.newest());
  EXPECT_EQ(attempt(first, "b"), failed + second);
  EXPECT_EQ(made.items.size(), 1u);
  // The other preconditions hold beside it.
  xmpp::Form both = compare(second);
  both.add("pubsub#max_items", "3");
  auto refused = service.publish(ann, "n", {draft("b")}, both, at(1));
  ASSERT_FALSE(refused.ok());
  EXPECT_FALSE(refused.error().newest_value);
  EXPECT_EQ(outcome(service.publish(bob, "n", {draft("b")}, compare(second), at(1))), "forbidden");
}

TEST_F(Publishing, PS_47_of_a_topic_that_is_not_there) {
  EXPECT_EQ(outcome(service.publish(ann, "new", {draft("a")}, compare("1"), at(1))), "conflict+precondition-not-met");
  EXPECT_EQ(service.find("new"), nullptr);
  EXPECT_EQ(outcome(service.publish(ann, "new", {draft("a")}, compare(""), at(1))), "ok");
}

TEST_F(Publishing, what_an_account_has_published_is_withdrawn) {
  Node& made = node({{"publish_model", "open"}});
  publish(ann, {draft("a"), draft("b")});
  publish(bob, {draft("c")});
  std::vector<Item> gone = service.withdraw(made, ann);
  EXPECT_EQ(gone.size(), 2u);
  EXPECT_EQ(items(ann), "c ");
  EXPECT_EQ(service.items(), 1u);
  EXPECT_EQ(service.items_bytes(), 10u);
}

}  // namespace
}  // namespace xbus::router::pubsub
