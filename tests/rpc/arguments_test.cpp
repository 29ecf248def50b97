#include "rpc/arguments.hpp"

#include <gtest/gtest.h>

#include "rpc/fault.hpp"

namespace xbus {
namespace {

using Kind = Type::Kind;
using namespace std::chrono_literals;

Types some_types() {
  Types types;
  types.add(Kind::structure, "Place");
  types.fill("Place", {Kind::structure,
                       "Place",
                       {{"city", Kind::string},
                        {"height", Type::optional(Kind::int32)},
                        {"near", Type::list(Type::named(Kind::structure, "Place"))}},
                       {}});
  types.add(Kind::enumeration, "State");
  types.fill("State", {Kind::enumeration, "State", {}, {"up", "down"}});
  return types;
}

std::vector<Value> words(const std::vector<Field>& parameters,
                         const std::vector<std::string>& given) {
  return typed_arguments(given, parameters, some_types());
}

std::string refusal(const std::vector<Field>& parameters, const std::vector<std::string>& given) {
  try {
    words(parameters, given);
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
    return fault.message();
  }
  return "accepted";
}

std::string json_refusal(const std::vector<Field>& parameters, const std::string& text) {
  try {
    json_arguments(text, parameters, some_types());
  } catch (const Fault& fault) {
    return fault.message();
  }
  return "accepted";
}

TEST(Arguments, words_are_read_by_the_signature) {
  EXPECT_EQ(
      words({{"n", Kind::int32}, {"s", Kind::string}, {"b", Kind::boolean}}, {"7", "7", "true"}),
      (std::vector<Value>{7, "7", true}));
  EXPECT_EQ(words({{"n", Kind::int64}, {"u", Kind::uint32}, {"x", Kind::real64}}, {"7", "7", "7"}),
            (std::vector<Value>{int64_t{7}, int64_t{7}, 7.0}));
  EXPECT_EQ(words({{"s", Kind::string}}, {"null"}), (std::vector<Value>{"null"}));
  EXPECT_EQ(words({{"s", Kind::string}}, {""}), (std::vector<Value>{""}));
  EXPECT_EQ(words({{"t", Kind::timestamp}}, {"2023-11-14T22:13:20Z"}),
            (std::vector<Value>{Timestamp(1'700'000'000s)}));
  EXPECT_EQ(words({{"b", Kind::bytes}}, {"AP8="}),
            (std::vector<Value>{Bytes{std::byte{0}, std::byte{255}}}));
  EXPECT_EQ(words({{"d", Kind::duration}}, {"0.25"}), (std::vector<Value>{0.25}));
  EXPECT_EQ(words({{"e", Type::named(Kind::enumeration, "State")}}, {"up"}),
            (std::vector<Value>{"up"}));
}

TEST(Arguments, structures_and_lists_are_json) {
  EXPECT_EQ(
      words({{"p", Type::named(Kind::structure, "Place")}},
            {R"({"near": [{"city": "B", "near": []}], "city": "A"})"}),
      (std::vector<Value>{Value::structure(
          {{"city", "A"},
           {"near",
            Value::array({Value::structure({{"city", "B"}, {"near", Value::array({})}})})}})}));
  EXPECT_EQ(words({{"l", Type::list(Kind::int64)}}, {"[1, \"9007199254740993\"]"}),
            (std::vector<Value>{Value::array({int64_t{1}, int64_t{9007199254740993}})}));
  EXPECT_EQ(words({{"m", Type::map(Kind::real32)}}, {"{\"a\": 1}"}),
            (std::vector<Value>{Value::structure({{"a", 1.0}})}));
}

TEST(Arguments, any_takes_json_or_the_word_itself) {
  EXPECT_EQ(words({{"a", Kind::any}, {"b", Kind::any}}, {"[1]", "plain"}),
            (std::vector<Value>{Value::array({1}), "plain"}));
}

TEST(Arguments, optional_ones_may_be_left_out_or_null) {
  const std::vector<Field> parameters = {
      {"a", Kind::int32}, {"b", Type::optional(Kind::string)}, {"c", Type::optional(Kind::int32)}};
  EXPECT_EQ(words(parameters, {"1"}), (std::vector<Value>{1}));
  EXPECT_EQ(words(parameters, {"1", "null", "2"}), (std::vector<Value>{1, {}, 2}));
  EXPECT_EQ(refusal(parameters, {}), "missing a of (a: int32, b: string?, c: int32?)");
  EXPECT_EQ(refusal(parameters, {"1", "x", "2", "3"}),
            "4 arguments for (a: int32, b: string?, c: int32?)");
}

TEST(Arguments, what_does_not_fit_is_named_with_its_place) {
  EXPECT_EQ(refusal({{"n", Kind::int32}}, {"x"}), "n: expected int32, found \"x\"");
  EXPECT_EQ(refusal({{"n", Kind::int32}}, {"1.5"}), "n: expected int32, found 1.5");
  EXPECT_EQ(refusal({{"n", Kind::int8}}, {"128"}), "n: 128 is out of range for int8 (-128 to 127)");
  EXPECT_EQ(refusal({{"n", Kind::uint64}}, {"-1"}), 
            "n: -1 is out of range for uint64 (0 to 9223372036854775807)");
  EXPECT_EQ(refusal({{"n", Kind::int32}}, {"2147483648"}),
            "n: 2147483648 is out of range for int32 (-2147483648 to 2147483647)");
  EXPECT_EQ(refusal({{"b", Kind::boolean}}, {"yes"}), "b: expected bool, found \"yes\"");
  EXPECT_EQ(refusal({{"b", Kind::bytes}}, {"%"}), "b: expected bytes as base64");
  EXPECT_EQ(refusal({{"e", Type::named(Kind::enumeration, "State")}}, {"left"}),
            "e: expected one of up, down");
  EXPECT_EQ(refusal({{"t", Kind::timestamp}}, {"noon"}),
            "t: expected a timestamp such as 2030-01-31T12:00:00Z");
  const std::vector<Field> place = {{"p", Type::named(Kind::structure, "Place")}};
  EXPECT_EQ(refusal(place, {R"({"city": "A"})"}), "p: Place needs near (list<Place>)");
  EXPECT_EQ(refusal(place, {R"({"city": "A", "near": [{"city": 1, "near": []}]})"}),
            "p.near[0].city: expected string, found 1");
  EXPECT_EQ(refusal(place, {R"({"city": "A", "near": [], "citty": 1})"}),
            "p: Place has no member citty");
  EXPECT_NE(refusal(place, {"{"}).find("p: expected Place as JSON"), std::string::npos);
}

TEST(Arguments, one_json_text_gives_them_in_order_or_by_name) {
  const std::vector<Field> parameters = {
      {"a", Kind::int64}, {"b", Type::optional(Kind::string)}, {"c", Type::optional(Kind::int32)}};
  EXPECT_EQ(json_arguments("[1, \"x\"]", parameters, {}), (std::vector<Value>{int64_t{1}, "x"}));
  EXPECT_EQ(json_arguments("{\"c\": 3, \"a\": 1}", parameters, {}),
            (std::vector<Value>{int64_t{1}, {}, 3}));
  EXPECT_EQ(json_arguments("{\"a\": 1}", parameters, {}), (std::vector<Value>{int64_t{1}}));
  EXPECT_EQ(json_arguments(" [] ", {}, {}), std::vector<Value>{});
  EXPECT_EQ(json_refusal(parameters, "{\"b\": \"x\"}"),
            "missing a of (a: int64, b: string?, c: int32?)");
  EXPECT_EQ(json_refusal(parameters, "{\"a\": 1, \"d\": 1}"),
            "no parameter d in (a: int64, b: string?, c: int32?)");
  EXPECT_EQ(json_refusal(parameters, "5"), "the arguments must be a JSON array or object");
  EXPECT_NE(json_refusal(parameters, "[1").find("no JSON"), std::string::npos);
}

TEST(Arguments, without_a_signature_words_are_json_or_text) {
  const std::vector<std::string> given = {"1", "x", "{\"a\":true}", "\"1\""};
  EXPECT_EQ(plain_arguments(given),
            (std::vector<Value>{1, "x", Value::structure({{"a", true}}), "1"}));
  EXPECT_EQ(plain_json_arguments("[1, null]"), (std::vector<Value>{1, {}}));
  EXPECT_THROW(plain_json_arguments("{}"), Fault);
}

TEST(Arguments, no_digit_of_a_whole_number_is_lost) {
  const std::string huge = "99999999999999999999", more = "12345678901234567891", least = "-9223372036854775809";
  for (const std::string& number : {huge, more, least}) {
    // Without a type it stays what was written; JSON says that it is a number, and none of ours holds it.
    const std::vector<std::string> word = {number};
    EXPECT_EQ(plain_arguments(word), std::vector<Value>{number});
    EXPECT_EQ(words({{"a", Kind::any}}, {number}), std::vector<Value>{number});
    EXPECT_EQ(refusal({{"n", Kind::int64}}, {number}),
              "n: " + number + " is out of range for int64 (-9223372036854775808 to 9223372036854775807)");
    EXPECT_THROW(plain_json_arguments("[" + number + "]"), Fault);
    const std::vector<std::string> inside = {"{\"a\": " + number + "}"};
    EXPECT_THROW(plain_arguments(inside), Fault);
    EXPECT_THROW(json_arguments("[" + number + "]", {{"n", Kind::int64}}, {}), Fault);
  }
  EXPECT_EQ(words({{"d", Kind::real64}}, {huge}), std::vector<Value>{1e20}) << "as the double that it is to be";
  EXPECT_EQ(words({{"d", Kind::real64}}, {"1e20"}), std::vector<Value>{1e20});
}

}  // namespace
}  // namespace xbus
