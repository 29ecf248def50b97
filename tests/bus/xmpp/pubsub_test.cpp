#include "bus/xmpp/pubsub.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/stanza.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

TEST(Pubsub, words_are_read_as_they_are_written) {
  for (auto one : {Affiliation::none, Affiliation::outcast, Affiliation::member,
                   Affiliation::publish_only, Affiliation::publisher, Affiliation::owner})
    EXPECT_EQ(affiliation_of(name_of(one)), one);
  for (auto one : {SubscriptionState::none, SubscriptionState::pending,
                   SubscriptionState::unconfigured, SubscriptionState::subscribed})
    EXPECT_EQ(subscription_state_of(name_of(one)), one);
  for (int i = 1; i <= static_cast<int>(PubsubCondition::unsupported_access_model); ++i) {
    auto condition = static_cast<PubsubCondition>(i);
    EXPECT_EQ(pubsub_condition_of(name_of(condition)), condition);
  }
  EXPECT_FALSE(affiliation_of("odd"));
  EXPECT_FALSE(pubsub_condition_of(""));
}

// The type that the examples of XEP-0060 show with each pair.
TEST(Pubsub, PS_11_PS_14_PS_17_errors_have_the_types_of_the_examples) {
  struct Case {
    PubsubRefusal refusal;
    ErrorType type;
  };
  const Case cases[] = {
      {{Condition::bad_request, PubsubCondition::invalid_jid}, ErrorType::modify},
      {{Condition::not_authorized, PubsubCondition::not_in_roster_group}, ErrorType::auth},
      {{Condition::not_allowed, PubsubCondition::closed_node}, ErrorType::cancel},
      {{Condition::policy_violation, PubsubCondition::too_many_subscriptions}, ErrorType::wait},
      {{Condition::unexpected_request, PubsubCondition::not_subscribed}, ErrorType::cancel},
      {{Condition::not_acceptable, PubsubCondition::payload_too_big}, ErrorType::modify},
      {{Condition::conflict, PubsubCondition::node_full}, ErrorType::cancel},
      {{Condition::forbidden}, ErrorType::auth},
      {{Condition::item_not_found}, ErrorType::cancel},
      {unsupported("subscribe"), ErrorType::cancel},
      {{Condition::gone}, ErrorType::modify},
  };
  for (const Case& one : cases) {
    StanzaError error = stanza_error(one.refusal);
    EXPECT_EQ(error.type, one.type) << name_of(one.refusal.condition);
    EXPECT_EQ(pubsub_refusal(stanza_error_from(to_element(error))), one.refusal);
  }
}

TEST(Pubsub, PS_15_gone_says_where_to) {
  PubsubRefusal refusal(Condition::gone);
  refusal.uri = "xmpp:events.x?;node=n";
  EXPECT_EQ(pubsub_refusal(stanza_error_from(to_element(stanza_error(refusal)))), refusal);
}

// XEP-0395 section 4.3.
TEST(Pubsub, PS_47_a_comparison_that_failed) {
  PubsubRefusal refusal(Condition::conflict, PubsubCondition::precondition_not_met);
  refusal.newest_value = "2";
  auto stanza = error_for(element("<iq type='set' id='1' from='a@x'/>"), stanza_error(refusal));
  ASSERT_TRUE(stanza);
  add_details(*stanza, refusal);
  const xml::Element* error = stanza->first("error", xml::ns_client);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->attr_or("type", ""), "modify");
  EXPECT_NE(error->first("conflict", ns_stanza_errors), nullptr);
  EXPECT_NE(error->first("precondition-not-met", ns_pubsub_errors), nullptr);
  const xml::Element* failed = error->first("compare-and-publish-failed", ns_compare_and_publish);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->attr_or("cap-id", ""), "2");
  refusal.newest_value.reset();
  EXPECT_EQ(stanza_error(refusal).type, ErrorType::cancel);
}

}  // namespace
}  // namespace xbus::xmpp
