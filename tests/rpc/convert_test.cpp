// C++ types as Values and back: nothing wraps, every place is named.
#include "rpc/convert.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace weather {

enum class Sky { clear, cloudy };
XBUS_ENUM(Sky, clear, cloudy)

struct Day {
  int high = 0;
  std::optional<double> rain;
  Sky sky = Sky::clear;
  bool operator==(const Day&) const = default;
};
XBUS_STRUCT(Day, high, rain, sky)

struct Forecast {
  std::string city;
  std::vector<Day> days;
  std::map<std::string, int64_t> stations;
  bool operator==(const Forecast&) const = default;
};
XBUS_STRUCT(Forecast, city, days, stations)

struct Tree {
  std::string name;
  std::vector<Tree> below;
  bool operator==(const Tree&) const = default;
};
XBUS_STRUCT(Tree, name, below)

}  // namespace weather

namespace xbus {
namespace {

using namespace std::chrono_literals;

template <class T>
std::string fault_of(const Value& value) {
  try {
    (void)from_value<T>(value);
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
    return fault.message();
  }
  return "no fault";
}

template <class T>
void edges() {
  for (const T value : {std::numeric_limits<T>::min(), T{0}, T{1}, std::numeric_limits<T>::max()}) {
    if (!std::in_range<int64_t>(value)) {
      EXPECT_THROW((void)to_value(value), Fault);
      continue;
    }
    EXPECT_EQ(from_value<T>(to_value(value)), value);
  }
  const auto low = static_cast<__int128>(std::numeric_limits<T>::min()) - 1;
  const auto high = static_cast<__int128>(std::numeric_limits<T>::max()) + 1;
  for (const auto beyond : {low, high}) {
    if (beyond < std::numeric_limits<int64_t>::min() || beyond > std::numeric_limits<int64_t>::max()) continue;
    EXPECT_THROW((void)from_value<T>(Value(static_cast<int64_t>(beyond))), Fault);
  }
}

TEST(Convert, integers_of_every_width_to_their_edges_and_one_beyond) {
  edges<int8_t>();
  edges<int16_t>();
  edges<int32_t>();
  edges<int64_t>();
  edges<uint8_t>();
  edges<uint16_t>();
  edges<uint32_t>();
  edges<uint64_t>();
  EXPECT_EQ(to_value(uint16_t{7}).type(), Value::Type::int32);
  EXPECT_EQ(to_value(uint32_t{7}).type(), Value::Type::int64);
  EXPECT_EQ(fault_of<int8_t>(300), "300 is out of range for int8");
  EXPECT_EQ(fault_of<uint32_t>(-1), "-1 is out of range for uint32");
}

TEST(Convert, wide_integers_also_come_as_decimal_strings) {
  EXPECT_EQ(from_value<int64_t>("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(from_value<uint32_t>("4294967295"), 4294967295u);
  EXPECT_EQ(fault_of<int64_t>("9223372036854775808"), "9223372036854775808 is out of range for int64");
  EXPECT_EQ(fault_of<int64_t>("12 "), "expected int64, found string");
  EXPECT_EQ(fault_of<int64_t>(""), "expected int64, found string");
  EXPECT_EQ(fault_of<int>("5"), "expected int32, found string");
}

TEST(Convert, doubles_are_finite) {
  EXPECT_EQ(from_value<double>(to_value(0.1)), 0.1);
  EXPECT_EQ(from_value<double>(3), 3.0);
  EXPECT_EQ(from_value<float>(0.5), 0.5f);
  EXPECT_THROW((void)to_value(std::nan("")), Fault);
  EXPECT_THROW((void)to_value(HUGE_VAL), Fault);
  EXPECT_THROW((void)from_value<float>(1e300), Fault);
  EXPECT_THROW((void)from_value<double>((int64_t{1} << 53) + 1), Fault);
}

TEST(Convert, text_bytes_and_times) {
  EXPECT_EQ(to_value(std::string_view("x")), Value("x"));
  EXPECT_EQ(to_value("x"), Value("x"));
  EXPECT_EQ(from_value<std::string>("x"), "x");
  const Bytes bytes{std::byte{0}, std::byte{255}};
  EXPECT_EQ(from_value<Bytes>(to_value(bytes)), bytes);
  EXPECT_EQ(from_value<Timestamp>(to_value(Timestamp(5us))), Timestamp(5us));
  EXPECT_EQ(fault_of<bool>(1), "expected bool, found int32");
  EXPECT_EQ(fault_of<std::string>(true), "expected string, found bool");
}

TEST(Convert, durations_are_seconds) {
  EXPECT_EQ(to_value(250ms), Value(0.25));
  EXPECT_EQ(from_value<std::chrono::milliseconds>(1.5), 1500ms);
  EXPECT_EQ(from_value<std::chrono::milliseconds>(2), 2s);
  EXPECT_EQ(from_value<std::chrono::seconds>(-1.6), -2s);
  EXPECT_THROW((void)from_value<std::chrono::nanoseconds>(1e10), Fault);
  EXPECT_EQ(from_value<std::chrono::nanoseconds>(9e9), 9'000'000'000s);
}

TEST(Convert, optional_is_nil_or_absent) {
  EXPECT_EQ(to_value(std::optional<int>()), Value());
  EXPECT_EQ(from_value<std::optional<int>>(Value()), std::nullopt);
  EXPECT_EQ(from_value<std::optional<int>>(5), 5);
}

TEST(Convert, structs_by_their_member_list) {
  const weather::Forecast forecast{"Berlin", {{21, 0.5, weather::Sky::cloudy}, {25, {}, {}}}, {{"Mitte", 10384}}};
  const Value value = to_value(forecast);
  EXPECT_EQ(value, Value::structure({{"city", "Berlin"},
                                     {"days", Value::array({Value::structure({{"high", 21}, {"rain", 0.5}, {"sky", "cloudy"}}),
                                                            Value::structure({{"high", 25}, {"sky", "clear"}})})},
                                     {"stations", Value::structure({{"Mitte", int64_t{10384}}})}}));
  EXPECT_EQ(from_value<weather::Forecast>(value), forecast);
}

TEST(Convert, a_missing_member_is_bad_arguments_an_unknown_one_is_ignored) {
  EXPECT_EQ(from_value<weather::Day>(Value::structure({{"high", 1}, {"sky", "clear"}, {"more", 1}})),
            (weather::Day{1, {}, weather::Sky::clear}));
  EXPECT_EQ(fault_of<weather::Day>(Value::structure({{"high", 1}})), "sky: missing");
}

TEST(Convert, a_fault_names_the_place) {
  EXPECT_EQ(fault_of<weather::Forecast>(
                Value::structure({{"city", "x"},
                                  {"days", Value::array({Value::structure({{"high", "hot"}, {"sky", "clear"}})})}})),
            "days[0].high: expected int32, found string");
  EXPECT_EQ(fault_of<weather::Day>(Value::structure({{"high", 1}, {"sky", "green"}})), "sky: \"green\" is no Sky");
  EXPECT_EQ(fault_of<std::vector<std::vector<int>>>(Value::array({Value::array({1, true})})),
            "[0][1]: expected int32, found bool");
  EXPECT_EQ((fault_of<std::map<std::string, int>>(Value::structure({{"a", Value()}}))), "a: expected int32, found nil");
}

TEST(Convert, an_enum_without_a_name_for_its_value_is_not_sent) {
  EXPECT_THROW((void)to_value(static_cast<weather::Sky>(9)), Fault);
}

TEST(Convert, a_struct_may_hold_a_list_of_itself) {
  const weather::Tree tree{"a", {{"b", {}}, {"c", {{"d", {}}}}}};
  EXPECT_EQ(from_value<weather::Tree>(to_value(tree)), tree);
  Types types;
  EXPECT_EQ(type_of<weather::Tree>(types).text(), "Tree");
  EXPECT_EQ(types.find("Tree")->members[1].type.text(), "list<Tree>");
}

TEST(Convert, types_are_described) {
  Types types;
  EXPECT_EQ(type_of<weather::Forecast>(types).text(), "Forecast");
  ASSERT_EQ(types.all().size(), 3u);
  EXPECT_EQ(types.find("Day")->members[1].type.text(), "double?");
  EXPECT_EQ(types.find("Sky")->values, (std::vector<std::string>{"clear", "cloudy"}));
  EXPECT_EQ((type_of<std::map<std::string, std::vector<uint8_t>>>(types).text()), "map<list<uint8>>");
  EXPECT_EQ(type_of<std::chrono::seconds>(types).text(), "duration");
  EXPECT_EQ(type_of<Value>(types).text(), "any");
}

TEST(Convert, RPC_21_types_have_names_in_xmlrpc) {
  Types types;
  EXPECT_EQ(xmlrpc_name(type_of<int>(types)), "int");
  EXPECT_EQ(xmlrpc_name(type_of<int64_t>(types)), "i8");
  EXPECT_EQ(xmlrpc_name(type_of<std::optional<Timestamp>>(types)), "dateTime.iso8601");
  EXPECT_EQ(xmlrpc_name(type_of<weather::Day>(types)), "struct");
  EXPECT_EQ(xmlrpc_name(type_of<std::vector<int>>(types)), "array");
}

}  // namespace
}  // namespace xbus
