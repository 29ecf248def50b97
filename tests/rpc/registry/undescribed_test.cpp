// What waits for an instance to say what it is.
#include "rpc/registry/undescribed.hpp"

#include <gtest/gtest.h>

#include "bus/limits_registry.hpp"

namespace xbus::registry {
namespace {

using namespace std::chrono_literals;

// An element that is written as so many bytes.
xml::Element sized(size_t bytes) {
  xml::Element out("iq", "jabber:client");
  out.add_text("x");
  const size_t frame = xml::write(out).size() - 1;
  out = xml::Element("iq", "jabber:client");
  out.add_text(std::string(bytes - frame, 'x'));
  return out;
}

TEST(Undescribed, what_waits_comes_back_once_in_its_order) {
  Undescribed waiting;
  EXPECT_TRUE(waiting.hold("calc", sized(100), Time(1s)));
  EXPECT_TRUE(waiting.hold("calc", sized(101), Time(2s)));
  EXPECT_TRUE(waiting.hold("other", sized(100), Time(3s)));
  EXPECT_EQ(waiting.keys(), (std::vector<std::string>{"calc", "other"}));
  const auto back = waiting.take("calc");
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].text.size(), 100u);
  EXPECT_EQ(back[0].since, Time(1s));
  EXPECT_EQ(back[1].text.size(), 101u);
  EXPECT_TRUE(waiting.take("calc").empty());
  EXPECT_EQ(waiting.keys(), std::vector<std::string>{"other"});
}

TEST(Undescribed, what_is_given_up_makes_room) {
  Undescribed waiting;
  auto from = [](const char* who) {
    xml::Element out = sized(limits::undescribed_bytes_per_name_max / 2 - 100);
    return out.set("from", who);
  };
  EXPECT_TRUE(waiting.hold("calc", from("a@b/c"), {}, "1"));
  EXPECT_TRUE(waiting.hold("calc", from("a@b/d"), {}, "1"));
  EXPECT_FALSE(waiting.hold("calc", from("a@b/e"), {}, "1"));
  EXPECT_FALSE(waiting.take_call("calc", "a@b/c", "2"));
  EXPECT_FALSE(waiting.take_call("calc", "a@b/c", ""));
  EXPECT_FALSE(waiting.take_call("clock", "a@b/c", "1"));
  EXPECT_TRUE(waiting.take_call("calc", "a@b/c", "1"));
  EXPECT_FALSE(waiting.take_call("calc", "a@b/c", "1"));
  EXPECT_TRUE(waiting.hold("calc", from("a@b/e"), {}));
  waiting.forget("a@b/e");
  waiting.forget("a@b/d");
  EXPECT_TRUE(waiting.keys().empty());
}

TEST(Undescribed, undescribed_stanzas_per_name_max_is_the_edge) {
  Undescribed waiting;
  for (size_t i = 0; i < limits::undescribed_stanzas_per_name_max; ++i)
    EXPECT_TRUE(waiting.hold("calc", sized(100), {}));
  EXPECT_FALSE(waiting.hold("calc", sized(100), {}));
  EXPECT_TRUE(waiting.hold("other", sized(100), {}));
}

TEST(Undescribed, undescribed_bytes_per_name_max_is_the_edge) {
  Undescribed waiting;
  EXPECT_FALSE(waiting.hold("calc", sized(limits::undescribed_bytes_per_name_max + 1), {}));
  EXPECT_TRUE(waiting.keys().empty());
  EXPECT_TRUE(waiting.hold("calc", sized(limits::undescribed_bytes_per_name_max), {}));
  EXPECT_FALSE(waiting.hold("calc", sized(100), {}));
}

TEST(Undescribed, undescribed_bytes_max_is_the_edge) {
  Undescribed waiting;
  constexpr size_t names = limits::undescribed_bytes_max / limits::undescribed_bytes_per_name_max;
  for (size_t i = 0; i < names; ++i)
    EXPECT_TRUE(waiting.hold("n" + std::to_string(i), sized(limits::undescribed_bytes_per_name_max), {}));
  EXPECT_FALSE(waiting.hold("beyond", sized(100), {}));
  waiting.take("n0");
  EXPECT_TRUE(waiting.hold("beyond", sized(100), {}));
}

}  // namespace
}  // namespace xbus::registry
