// The tables of RFC 6121 appendix A, written out once more as the RFC has them.
#include "bus/server/subscription.hpp"

#include <gtest/gtest.h>

#include <string>

namespace xbus::server {
namespace {

using xmpp::PresenceType;
using enum Subscription;

constexpr Subscription states[] = {none,  none_out, none_in,  none_out_in, to,
                                   to_in, from,     from_out, both};

// One letter pair a state: P passes or - not, then the new state's number.
std::string outcome(SubscriptionStep (*machine)(PresenceType, Subscription), PresenceType type) {
  std::string text;
  for (Subscription state : states) {
    SubscriptionStep step = machine(type, state);
    text += step.pass ? 'P' : '-';
    text += std::to_string(static_cast<int>(step.next));
    text += step.reply ? (*step.reply == PresenceType::subscribed ? '+' : '!') : ' ';
  }
  return text;
}

TEST(Subscription, presence_sub_request_outbound_table_2) {
  EXPECT_EQ(outcome(outbound, PresenceType::subscribe), "P1 P1 P3 P3 P4 P5 P7 P7 P8 ");
}

TEST(Subscription, presence_sub_unsubscribe_outbound_table_3) {
  EXPECT_EQ(outcome(outbound, PresenceType::unsubscribe), "P0 P0 P2 P2 P0 P2 P6 P6 P6 ");
}

TEST(Subscription, presence_sub_approval_outbound_table_4) {
  EXPECT_EQ(outcome(outbound, PresenceType::subscribed), "-0 -1 P6 P7 -4 P8 -6 -7 -8 ");
}

TEST(Subscription, presence_sub_cancel_outbound_table_5) {
  EXPECT_EQ(outcome(outbound, PresenceType::unsubscribed), "-0 -1 P0 P1 -4 P4 P0 P1 P4 ");
}

TEST(Subscription, presence_sub_request_inbound_table_6) {
  EXPECT_EQ(outcome(inbound, PresenceType::subscribe), "P2 P3 -2 -3 P5 -5 -6+-7+-8+");
}

TEST(Subscription, presence_sub_unsubscribe_inbound_table_7) {
  EXPECT_EQ(outcome(inbound, PresenceType::unsubscribe), "-0 -1 P0!P1!-4 P4!P0!P1!P4!");
}

TEST(Subscription, presence_sub_approval_inbound_table_8) {
  EXPECT_EQ(outcome(inbound, PresenceType::subscribed), "-0 P4 -2 P5 -4 -5 -6 P8 -8 ");
}

TEST(Subscription, presence_sub_cancel_inbound_table_9) {
  EXPECT_EQ(outcome(inbound, PresenceType::unsubscribed), "-0 P0 -2 P2 P0 P2 -6 P6 P6 ");
}

TEST(Subscription, a_state_is_its_parts) {
  for (Subscription state : states) {
    EXPECT_EQ(subscription_of(to_contact(state), from_contact(state), pending_out(state),
                              pending_in(state)),
              state);
  }
}

}  // namespace
}  // namespace xbus::server
