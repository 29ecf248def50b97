// Topics as publishers and owners have them, on a whole bus.
#include "rpc/topic.hpp"

#include <gtest/gtest.h>

#include "rpc/local_bus.hpp"

namespace xbus {
namespace {

template <class F>
FaultKind kind_of(F work) {
  try {
    work();
  } catch (const Fault& fault) {
    return fault.kind();
  }
  return FaultKind::ok;
}

std::string value_of_field(const Topic::Fields& fields, const std::string& name) {
  for (const auto& [field, value] : fields)
    if (field == name) return value;
  return "none";
}

struct TopicTest : testing::Test {
  LocalBus bus;
  Bus& alice = bus.connect("alice");
  Bus& bob = bus.connect("bob");
};

TEST_F(TopicTest, an_item_is_acknowledged_with_its_id_PS_22) {
  Topic topic(alice, "news");
  EXPECT_EQ(bus.wait(topic.publish(Value(1), {.id = "first"})), "first");
  const std::string made = bus.wait(topic.publish(Value("two")));
  EXPECT_FALSE(made.empty());
  EXPECT_NE(made, bus.wait(topic.publish(Value("two"))));
  EXPECT_EQ(value_of_field(bus.wait(topic.metadata()), "pubsub#num_items"), "3");
  EXPECT_EQ(bus.wait(topics(alice)), std::vector<std::string>{"news"});
}

TEST_F(TopicTest, a_topic_is_made_once_and_taken_again_by_its_owner) {
  Topic topic(alice, "alice/load");
  bus.wait(topic.create({.max_items = 5, .title = "Load"}));
  auto fields = bus.wait(topic.configuration());
  EXPECT_EQ(value_of_field(fields, "pubsub#max_items"), "5");
  EXPECT_EQ(value_of_field(fields, "pubsub#title"), "Load");
  EXPECT_EQ(value_of_field(fields, "pubsub#publish_model"), "publishers");
  bus.wait(topic.create({.max_items = 7, .fields = {{"pubsub#notify_retract", "1"}}}));
  fields = bus.wait(topic.configuration());
  EXPECT_EQ(value_of_field(fields, "pubsub#max_items"), "7");
  EXPECT_EQ(value_of_field(fields, "pubsub#title"), "Load");
  EXPECT_EQ(value_of_field(fields, "pubsub#notify_retract"), "1");

  Topic same(bob, "alice/load");
  EXPECT_EQ(kind_of([&] { bus.wait(same.create()); }), FaultKind::already_exists);
  EXPECT_EQ(kind_of([&] { bus.wait(same.publish(Value(1))); }), FaultKind::forbidden);
  EXPECT_EQ(kind_of([&] { bus.wait(same.configuration()); }), FaultKind::forbidden);
}

TEST_F(TopicTest, what_the_service_refuses_is_a_fault_by_what_can_be_done) {
  Topic topic(alice, "refused");
  EXPECT_EQ(kind_of([&] { bus.wait(topic.purge()); }), FaultKind::not_found);
  EXPECT_EQ(kind_of([&] { bus.wait(topic.remove()); }), FaultKind::not_found);
  EXPECT_EQ(kind_of([&] { bus.wait(topic.configure({.max_items = 0})); }), FaultKind::not_found);
  bus.wait(topic.create());
  EXPECT_EQ(kind_of([&] { bus.wait(topic.configure({.max_items = 0})); }), FaultKind::invalid);
  EXPECT_EQ(kind_of([&] { bus.wait(topic.publish(Value(std::string(100'000, 'x')))); }), FaultKind::too_big);
  EXPECT_EQ(kind_of([&] { bus.wait(topic.retract("nothing")); }), FaultKind::not_found);
  bus.wait(topic.publish(Value(1), {.id = "one"}));
  bus.wait(topic.retract("one"));
  bus.wait(topic.publish(Value(1), {.id = "one"}));
  bus.wait(topic.purge());
  EXPECT_EQ(value_of_field(bus.wait(topic.metadata()), "pubsub#num_items"), "0");
  bus.wait(topic.remove());
  EXPECT_TRUE(bus.wait(topics(alice)).empty());
}

TEST_F(TopicTest, without_a_pubsub_service_nobody_is_there) {
  Topic topic(alice, "news", {.service = "services.localhost"});
  EXPECT_EQ(kind_of([&] { bus.wait(topic.publish(Value(1))); }), FaultKind::unavailable);
  Topic nowhere(alice, "news", {.service = "nowhere.localhost"});
  EXPECT_EQ(kind_of([&] { bus.wait(nowhere.publish(Value(1))); }), FaultKind::unavailable);
  Topic crooked(alice, "news", {.service = "@"});
  EXPECT_EQ(kind_of([&] { bus.wait(crooked.publish(Value(1))); }), FaultKind::invalid);
}

TEST_F(TopicTest, what_xml_cannot_carry_is_not_sent) {
  Topic topic(alice, "news");
  EXPECT_EQ(kind_of([&] { bus.wait(topic.publish(Value(std::string("\x01")))); }), FaultKind::invalid);
  Topic json(alice, "news", {.form = PayloadForm::json});
  EXPECT_FALSE(bus.wait(json.publish(Value(std::string("\x01")))).empty());
}

}  // namespace
}  // namespace xbus
