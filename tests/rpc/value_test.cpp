// Value: ten types, copies, comparisons, accessors.
#include "rpc/value.hpp"

#include <gtest/gtest.h>

#include "rpc/fault.hpp"

namespace xbus {
namespace {

using T = Value::Type;

TEST(Value, knows_its_type) {
  const std::pair<Value, T> cases[] = {{Value(), T::nil},
                                       {Value(nullptr), T::nil},
                                       {Value(true), T::boolean},
                                       {Value(5), T::int32},
                                       {Value(int64_t{5}), T::int64},
                                       {Value(2.5), T::real},
                                       {Value("text"), T::string},
                                       {Value(Bytes{std::byte{1}}), T::bytes},
                                       {Value(Timestamp{}), T::timestamp},
                                       {Value::array({1, "two"}), T::array},
                                       {Value::structure({{"a", 1}}), T::structure}};
  for (const auto& [value, type] : cases) {
    EXPECT_EQ(value.type(), type);
    const Value copy = value;
    EXPECT_EQ(copy, value);
  }
  for (const auto& [a, type_a] : cases)
    for (const auto& [b, type_b] : cases) EXPECT_EQ(a == b, type_a == type_b);
}

TEST(Value, RPC_19_the_order_of_members_does_not_count) {
  const Value a = Value::structure({{"x", 1}, {"y", 2}});
  const Value b = Value::structure({{"y", 2}, {"x", 1}});
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.as_struct()[0].name, "x");  // and yet it is kept
  EXPECT_NE(a, Value::structure({{"x", 1}, {"y", 3}}));
  EXPECT_NE(a, Value::structure({{"x", 1}}));
  EXPECT_NE(a, Value::structure({{"x", 1}, {"z", 2}}));
}

TEST(Value, accessors_give_what_is_inside_or_name_both_types) {
  EXPECT_EQ(Value(7).as_int(), 7);
  EXPECT_EQ(Value(int64_t{1} << 40).as_int(), int64_t{1} << 40);
  EXPECT_EQ(Value(7).as_double(), 7.0);
  EXPECT_EQ(Value("x").as_string(), "x");
  try {
    (void)Value("x").as_int();
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
    EXPECT_EQ(fault.message(), "expected int64, found string");
  }
  EXPECT_THROW((void)Value(1).as_array(), Fault);
  EXPECT_THROW((void)Value().as_bool(), Fault);
}

TEST(Value, builds_structs_and_arrays) {
  Value value;
  value.set("a", 1).set("b", "x").set("a", 2);
  EXPECT_EQ(value, Value::structure({{"a", 2}, {"b", "x"}}));
  EXPECT_EQ(value.find("b")->as_string(), "x");
  EXPECT_EQ(value.find("c"), nullptr);
  EXPECT_EQ(Value(1).find("a"), nullptr);
  Value list;
  list.push(1).push(2);
  EXPECT_EQ(list, Value::array({1, 2}));
  EXPECT_THROW(list.set("a", 1), Fault);
  EXPECT_THROW(value.push(1), Fault);
}

TEST(Value, counts_its_levels_and_shows_itself) {
  EXPECT_EQ(Value(1).depth(), 1u);
  EXPECT_EQ(Value::array({}).depth(), 1u);
  EXPECT_EQ(Value::array({Value::structure({{"a", Value::array({1})}})}).depth(), 4u);
  EXPECT_EQ(Value::structure({{"a", Value::array({1, true, "x", Value(), 0.5})}}).text(),
            "{a: [1, true, \"x\", nil, 0.5]}");
  EXPECT_LE(Value(std::string(1000, 'x')).text().size(), 203u);
}

}  // namespace
}  // namespace xbus
