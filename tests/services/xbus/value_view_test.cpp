#include "services/xbus/value_view.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

const Terminal person{true, false, 80};

TEST(ValueView, scalars_are_their_text) {
  EXPECT_EQ(value_view({}, person), "");
  EXPECT_EQ(value_view(5, person), "5\n");
  EXPECT_EQ(value_view(5.0, person), "5\n");
  EXPECT_EQ(value_view(true, person), "true\n");
  EXPECT_EQ(value_view("two\nlines", person), "two\nlines\n");
  EXPECT_EQ(value_view("ends\n", person), "ends\n");
  EXPECT_EQ(value_view(Bytes{std::byte{0}}, person), "AA==\n");
  EXPECT_EQ(value_view(Timestamp(), person), "1970-01-01T00:00:00Z\n");
}

TEST(ValueView, a_list_of_structures_is_a_table_of_their_members) {
  const Value list = Value::array(
      {Value::structure({{"name", "lo"}, {"mtu", 65536}, {"in", Value::structure({{"bytes", 7}})}}),
       Value::structure(
           {{"name", "eth0"}, {"addresses", Value::array({"a", "b"})}, {"mtu", 1500}})});
  EXPECT_EQ(value_view(list, person),
            "name    mtu  in.bytes  addresses\n"
            "lo    65536         7\n"
            "eth0   1500            a, b\n");
}

TEST(ValueView, a_structure_is_a_line_a_member) {
  EXPECT_EQ(value_view(Value::structure({{"a", 1},
                                         {"longer", Value::structure({{"x", {}}})},
                                         {"deep", Value::array({Value::array({1})})}}),
                       person),
            "a         1\nlonger.x\ndeep      [[1]]\n");
}

TEST(ValueView, other_lists_are_a_line_an_item) {
  EXPECT_EQ(value_view(Value::array({1, "x", Value::structure({{"a", 1}})}), person),
            "1\nx\n{\"a\":1}\n");
  EXPECT_EQ(value_view(Value::array({}), person), "");
}

TEST(ValueView, nothing_of_a_peers_acts_on_the_terminal) {
  const std::string evil = "\x1b]0;x\a\u202e\u009b2J\r";
  for (const Value& value :
       {Value(evil), Value::array({evil}), Value::structure({{evil, evil}}),
        Value::array({Value::structure({{evil, evil}})}),
        Value::structure({{"a", Value::array({Value::structure({{evil, evil}})})}})}) {
    const std::string shown = value_view(value, person);
    for (const char c : shown)
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << shown;
    EXPECT_EQ(shown.find("\u202e"), std::string::npos);
    EXPECT_EQ(shown.find("\u009b"), std::string::npos);
  }
}

}  // namespace
}  // namespace xbus::cli
