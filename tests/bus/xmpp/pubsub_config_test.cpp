#include "bus/xmpp/pubsub_config.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/form_validation.hpp"

namespace xbus::xmpp {
namespace {

Form with(std::string_view var, std::string_view value) {
  return make_form(FormType::submit, form_node_config).add(var, value);
}

TEST(PubsubConfig, PS_35_a_record_brings_the_whole_configuration_back) {
  NodeConfig config;
  config.access_model = AccessModel::roster;
  config.publish_model = PublishModel::open;
  config.node_full = NodeFull::reject;
  config.send_last = SendLast::on_sub;
  config.persist_items = config.deliver_notifications = config.deliver_payloads = false;
  config.notify_config = config.notify_retract = config.notify_sub = config.temporary = true;
  config.notify_delete = config.subscribe = false;
  config.max_items = limits::topic_items_max;
  config.max_payload_bytes = 17;
  config.item_expire_seconds = 60;
  config.title = "T";
  config.description = "D";
  config.language = "en";
  config.type = "urn:t";
  config.contacts = {"ann@x", "bob@x"};
  config.roster_groups = {"one", "two"};
  auto read = configured({}, config_record(config));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, config);
  // What the form offers is a right answer to it.
  Form asked = config_form(config), submitted = config_record(config);
  EXPECT_FALSE(check_submission(asked, submitted));
}

TEST(PubsubConfig, PS_35_values_that_cannot_be_applied) {
  struct Case {
    const char *var, *value;
    PubsubCondition detail;
  };
  const Case cases[] = {
      {"pubsub#access_model", "private", PubsubCondition::unsupported_access_model},
      {"pubsub#publish_model", "nobody", PubsubCondition::none},
      {"pubsub#max_items", "0", PubsubCondition::none},
      {"pubsub#max_items", "1000001", PubsubCondition::none},
      {"pubsub#max_items", "-1", PubsubCondition::none},
      {"pubsub#max_payload_size", "196609", PubsubCondition::none},
      {"pubsub#item_expire", "soon", PubsubCondition::none},
      {"pubsub#persist_items", "yes", PubsubCondition::none},
      {"pubsub#node_type", "collection", PubsubCondition::none},
      {"pubsub#notification_type", "normal", PubsubCondition::none},
      {"pubsub#send_last_published_item", "on_sub_and_presence", PubsubCondition::none},
      {"pubsub#contact", "@", PubsubCondition::none},
  };
  for (const Case& one : cases) {
    auto read = configured({}, with(one.var, one.value));
    ASSERT_FALSE(read.ok()) << one.var;
    EXPECT_EQ(read.error().condition, Condition::not_acceptable);
    EXPECT_EQ(read.error().detail, one.detail) << one.var;
    EXPECT_EQ(read.error().text, one.var);
  }
}

TEST(PubsubConfig, PS_35_booleans_in_all_spellings_and_unknown_fields) {
  for (const char* text : {"0", "false"})
    EXPECT_FALSE(configured({}, with("pubsub#persist_items", text))->persist_items);
  for (const char* text : {"1", "true"})
    EXPECT_TRUE(configured({}, with("pubsub#persist_items", text))->persist_items);
  EXPECT_EQ(*configured({}, with("x-ours", "1")), NodeConfig{});
}

TEST(PubsubConfig, topic_text_bytes_max) {
  std::string text(limits::topic_text_bytes_max, 't');
  EXPECT_TRUE(configured({}, with("pubsub#title", text)).ok());
  EXPECT_FALSE(configured({}, with("pubsub#title", text + "t")).ok());
}

TEST(PubsubConfig, topic_lists_max) {
  Form form = make_form(FormType::submit, form_node_config);
  form.add("pubsub#roster_groups_allowed", "g");
  form.fields.back().values.assign(limits::topic_lists_max, "g");
  EXPECT_TRUE(configured({}, form).ok());
  form.fields.back().values.emplace_back("over");
  EXPECT_FALSE(configured({}, form).ok());
}

TEST(PubsubConfig, PS_26_meets) {
  NodeConfig config;
  config.max_items = limits::topic_items_max;
  EXPECT_TRUE(meets(config, with("pubsub#max_items", "max")));
  EXPECT_TRUE(meets(config, with("pubsub#max_items", "1000000")));
  EXPECT_TRUE(meets(config, with("pubsub#persist_items", "true")));
  EXPECT_FALSE(meets(config, with("pubsub#max_items", "7")));
  EXPECT_FALSE(meets(config, with("pubsub#odd", "7")));
}

TEST(PubsubConfig, PS_05_meta_data) {
  NodeConfig config;
  config.title = "News";
  Form form = meta_data_form(config, {"2026-01-01T00:00:00Z", "ann@x", {"ann@x"}, {"bob@x"}, 3, 2});
  EXPECT_EQ(form.form_type(), form_meta_data);
  EXPECT_EQ(form.value("pubsub#title"), "News");
  EXPECT_EQ(form.value("pubsub#access_model"), "open");
  EXPECT_EQ(form.value("pubsub#creation_date"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(form.value("pubsub#creator"), "ann@x");
  EXPECT_EQ(form.value("pubsub#owner"), "ann@x");
  EXPECT_EQ(form.value("pubsub#publisher"), "bob@x");
  EXPECT_EQ(form.value("pubsub#num_subscribers"), "3");
}

}  // namespace
}  // namespace xbus::xmpp
