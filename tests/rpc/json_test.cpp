#include "rpc/json.hpp"

#include <gtest/gtest.h>

#include <random>

#include "bus/limits.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

Value parsed(std::string_view text) {
  auto found = json_value(text);
  if (!found) ADD_FAILURE() << text << ": " << found.error().what;
  return found ? *found : Value("not JSON");
}

TEST(Json, each_type_of_value_has_its_text) {
  EXPECT_EQ(json_text({}), "null");
  EXPECT_EQ(json_text(true), "true");
  EXPECT_EQ(json_text(int32_t{-5}), "-5");
  EXPECT_EQ(json_text(int64_t{9'223'372'036'854'775'807}), "9223372036854775807");
  EXPECT_EQ(json_text(0.1), "0.1");
  EXPECT_EQ(json_text(3.0), "3.0");
  EXPECT_EQ(json_text(1e300), "1e+300");
  EXPECT_EQ(json_text("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(json_text(Bytes{std::byte{0}, std::byte{255}, std::byte{16}}), "\"AP8Q\"");
  EXPECT_EQ(json_text(Timestamp(1'700'000'000s)), "\"2023-11-14T22:13:20Z\"");
  EXPECT_EQ(json_text(Timestamp(1'700'000'000s + 5ms)), "\"2023-11-14T22:13:20.005000Z\"");
  EXPECT_EQ(json_text(Timestamp(-1us)), "\"1969-12-31T23:59:59.999999Z\"");
  EXPECT_EQ(json_text(Value::array({})), "[]");
  EXPECT_EQ(json_text(Value::structure({})), "{}");
  EXPECT_EQ(json_text(Value::structure({{"b", 1}, {"a", Value::array({true, {}})}})),
            R"({"b":1,"a":[true,null]})");
}

TEST(Json, indented_text_has_a_member_a_line) {
  EXPECT_EQ(json_text(Value::structure({{"a", Value::array({1, 2})}, {"b", Value::structure({})}}),
                      JsonLayout::indented),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

TEST(Json, nothing_in_a_string_acts_on_a_terminal) {
  EXPECT_EQ(json_text("\x1b[2J\x7f\n\t\r"), R"("\u001b[2J\u007f\n\t\r")");
  EXPECT_EQ(json_text("\u202e\u009b\u2028"), R"("\u202e\u009b\u2028")");
  EXPECT_EQ(json_text("\U000e0041"), R"("\udb40\udc41")");
  EXPECT_EQ(json_text("a\xff"), R"("a\ufffd")");
  EXPECT_EQ(json_text(Value::structure({{"\x1b", "é"}})), "{\"\\u001b\":\"é\"}");
}

TEST(Json, numbers_are_read_as_the_smallest_type_that_holds_them) {
  EXPECT_EQ(parsed("7"), Value(7));
  EXPECT_EQ(parsed("-2147483648"), Value(INT32_MIN));
  EXPECT_EQ(parsed("2147483648"), Value(int64_t{2147483648}));
  EXPECT_EQ(parsed("-9223372036854775808"), Value(INT64_MIN));
  EXPECT_EQ(parsed("1.5"), Value(1.5));
  EXPECT_EQ(parsed("1e3"), Value(1000.0));
  EXPECT_EQ(parsed(" [null, true, \"x\"] "), Value::array({{}, true, "x"}));
}

TEST(Json, what_is_no_json_is_refused_with_its_place) {
  for (const char* bad : {"", "{", "[1,]", "{\"a\":1,}", "01", "nul", "'a'", "1 2", "[1] x",
                          "\"\x01\"", "\"\xff\"", "9223372036854775808", "-9223372036854775809e",
                          "1e999", "{\"a\":1,\"a\":2}", "NaN", "// c\n1"})
    EXPECT_FALSE(json_value(bad)) << bad;
  const auto twice = json_value("{\"a\":1,\"a\":2}");
  EXPECT_EQ(twice.error().what, "a name stands twice: a");
  const auto cut = json_value("[1, 2");
  EXPECT_EQ(cut.error().at, 6u);
  const std::vector<std::pair<std::string, std::string>> told = {
      {"[1, 2", "it ends before it is complete"},
      {"", "it ends before it is complete"},
      {"\"a", "a string does not end"},
      {"\"\xff\"", "a string is not UTF-8"},
      {"\"\n\"", "a string holds a control character, which JSON writes as \\n or \\u0000"},
      {"\"\\ud800\"", "a string has half of a pair of \\u"},
      {"\"\\u12\"", "a string has a \\u without four hexadecimal digits"},
      {"\"\\x\"", "a string has a backslash before what is no escape"},
      {"[-]", "a number ends before it is complete"},
      {"1e999", "1e999 is beyond the range of a double"},
      {"nul", "\"nul\" is no value"},
      {"[1,]", "\"1,]\" stands where it cannot"},
      {"{\"a\":1 \"surrogate\"}", "\"\"surrogate\"\" stands where it cannot"}};
  for (const auto& [text, what] : told) {
    const auto found = json_value(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().what, what) << text;
  }
}

TEST(Json, whole_numbers_beyond_int64_are_refused_with_the_range) {
  for (const std::string number : {"9223372036854775808", "18446744073709551616", "-9223372036854775809", "99999999999999999999"}) {
    const auto found = json_value("[" + number + "]");
    ASSERT_FALSE(found) << number;
    EXPECT_TRUE(found.error().range);
    EXPECT_EQ(found.error().what, number + " is out of range: whole numbers are from -9223372036854775808 to "
                                           "9223372036854775807");
  }
  EXPECT_LT(json_value(std::string(100'000, '9')).error().what.size(), 200u);
  EXPECT_EQ(parsed("9223372036854775807"), Value(INT64_MAX));
  EXPECT_EQ(parsed("99999999999999999999.0"), Value(1e20));
  EXPECT_FALSE(json_value("1e999").error().range);
}

TEST(Json, nesting_is_bounded) {
  const size_t most = limits::value_depth_max;
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(parsed(nested(most)).depth(), most);
  EXPECT_EQ(json_value(nested(most + 1)).error().what, "nested too deeply");
  EXPECT_FALSE(json_value(std::string(1'000'000, '[')));
}

TEST(Json, what_is_written_reads_back) {
  const Value value =
      Value::structure({{"i", 1},
                        {"l", int64_t{1} << 40},
                        {"d", 2.0},
                        {"s", "\x1b\u202e\n\"é\U0001f642"},
                        {"n", {}},
                        {"a", Value::array({false, Value::structure({{"", ""}})})}});
  EXPECT_EQ(parsed(json_text(value)), value);
  EXPECT_EQ(parsed(json_text(value, JsonLayout::indented)), value);
}

TEST(Json, any_bytes_are_read_or_refused) {
  std::mt19937 random(3);
  constexpr std::string_view alphabet = "[]{}\":,0123456789.eE+-\\untrefalsx \xc3\xa9";
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto left = random() % 16; left > 0; --left) text += alphabet[random() % alphabet.size()];
    const auto found = json_value(text);
    if (found) {
      EXPECT_EQ(parsed(json_text(*found)), *found) << text;
    }
  }
}

}  // namespace
}  // namespace xbus
