#include "bus/xmpp/pubsub_options.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

TEST(PubsubOptions, PS_18_a_record_brings_them_back) {
  SubscribeOptions plain, quiet, lease, presence;
  quiet.deliver = false;
  lease.expire = Timestamp(std::chrono::seconds(1'900'000'000));
  presence.until_presence = true;
  for (const SubscribeOptions& one : {plain, quiet, lease, presence}) {
    auto read = with_options({}, options_record(one));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, one);
  }
}

TEST(PubsubOptions, PS_18_bad_values) {
  for (auto [var, value] : {std::pair("pubsub#deliver", "maybe"), std::pair("pubsub#expire", "soon")}) {
    auto read = with_options({}, make_form(FormType::submit, form_subscribe_options).add(var, value));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().condition, Condition::bad_request);
    EXPECT_EQ(read.error().detail, PubsubCondition::invalid_options);
  }
}

TEST(PubsubOptions, PS_43_an_empty_end_is_none) {
  SubscribeOptions presence;
  presence.until_presence = true;
  auto read = with_options(presence, make_form(FormType::submit, form_subscribe_options).add("pubsub#expire", ""));
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->until_presence);
}

}  // namespace
}  // namespace xbus::xmpp
