// Events of services, typed, on a whole bus.
#include "rpc/event.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "rpc/local_bus.hpp"

namespace xbus {
namespace {

struct Alarm {
  std::string text;
  int level = 0;
};
XBUS_STRUCT(Alarm, text, level);

TEST(Event, what_a_service_tells_is_heard_with_its_type) {
  LocalBus bus;
  Service calc("calc");
  auto alarms = calc.event<Alarm>("alarm", {.max_items = 10});
  EXPECT_EQ(alarms.topic(), "calc/alarm");
  bus.serve(calc);
  Bus& listener = bus.connect("listener");
  std::vector<std::string> heard;
  Watch watch = on<Alarm>(listener, "calc/alarm", [&](Alarm alarm) { heard.push_back(alarm.text); });
  bus.wait(watch.start());
  EXPECT_EQ(bus.wait(alarms.publish({"hot", 2}, {.id = "first"})), "first");
  bus.wait(alarms.publish({"hotter", 3}));
  bus.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(heard, (std::vector<std::string>{"hot", "hotter"}));

  WatchOptions all;
  all.since = Since::all();
  std::vector<std::string> later;
  Bus& second = bus.connect("second");
  Watch again = on<Alarm>(
      second, "calc/alarm",
      [&](Alarm alarm, const WatchItem& item) -> Task<void> {
        later.push_back(item.id.empty() ? "" : alarm.text);
        co_return;
      },
      all);
  bus.wait(again.start());
  bus.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(later, heard);
}

TEST(Event, what_is_no_such_type_is_passed_over) {
  LocalBus bus;
  Bus& alice = bus.connect("alice");
  Topic topic(alice, "numbers");
  bus.wait(topic.create());
  std::vector<int> heard;
  Watch watch = on<int>(alice, "numbers", [&](int number) { heard.push_back(number); });
  bus.wait(watch.start());
  bus.wait(topic.publish(Value(1)));
  bus.wait(topic.publish(Value("two")));
  bus.wait(topic.publish(xml::Element("three", "urn:x")));
  bus.wait(topic.publish(Value(4)));
  bus.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(heard, (std::vector<int>{1, 4}));
}

TEST(Event, without_a_bus_nobody_is_told) {
  Service calc("calc");
  auto alarms = calc.event<int>("alarm");
  EXPECT_THROW(calc.event<int>("alarm"), std::invalid_argument);
  EXPECT_THROW(calc.event<int>("/alarm"), std::invalid_argument);
  EXPECT_THROW(calc.event<int>(""), std::invalid_argument);
  LocalBus bus;
  const auto kind = [&] {
    try {
      bus.wait(alarms.publish(1));
    } catch (const Fault& fault) {
      return fault.kind();
    }
    return FaultKind::ok;
  };
  EXPECT_EQ(kind(), FaultKind::unavailable);
  Bus& served = bus.serve(calc);
  EXPECT_EQ(kind(), FaultKind::ok);
  bus.wait(served.close());
  EXPECT_EQ(kind(), FaultKind::unavailable);
}

TEST(Event, a_topic_of_another_account_is_not_taken) {
  LocalBus bus;
  Bus& other = bus.connect("other");
  bus.wait(Topic(other, "calc/alarm").create());
  Service calc("calc");
  auto alarms = calc.event<int>("alarm");
  EXPECT_THROW(bus.serve(calc), Fault);
}

}  // namespace
}  // namespace xbus
