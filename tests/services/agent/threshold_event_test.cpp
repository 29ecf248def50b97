#include "services/agent/threshold_event.hpp"

#include <gtest/gtest.h>

#include "rpc/convert.hpp"

namespace xbus::agent {
namespace {

TEST(ThresholdEvent, travels_as_a_struct) {
  MemoryEvent event;
  event.host = "web1";
  event.level = Level::high;
  event.used = 0.95;
  const Value value = to_value(event);
  EXPECT_EQ(*value.find("level"), Value("high"));
  const auto back = from_value<MemoryEvent>(value);
  EXPECT_EQ(back.used, 0.95);
  EXPECT_FALSE(back.pressure);
}

TEST(ThresholdEvent, one_processor_is_no_many) {
  LoadEvent event;
  event.host = "pi";
  event.level = Level::high;
  event.one_minute = 3.456;
  event.processors = 1;
  EXPECT_EQ(text_of(event), "pi: load 3.46 on 1 processor");
}

}  // namespace
}  // namespace xbus::agent
