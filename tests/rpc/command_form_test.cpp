// A method as a form, and back.
#include "rpc/command_form.hpp"

#include <gtest/gtest.h>

#include "rpc/service.hpp"

namespace xbus {
namespace {

enum class Colour { red, green };
XBUS_ENUM(Colour, red, green)
struct Point {
  int x = 0, y = 0;
};
XBUS_STRUCT(Point, x, y)

class CommandFormTest : public testing::Test {
 protected:
  CommandFormTest() {
    service.method("m", {"n", "name", "yes", "colour", "at", "port", "tags", "point", "maybe", "opt"},
                   [](int, const std::string&, bool, Colour, Timestamp, uint16_t, const std::vector<std::string>&,
                      Point, std::optional<bool>, std::optional<int>) {}).doc("Does it.");
  }
  const MethodDescription& method() const { return service.find("m")->description(); }
  Types types() const { return service.describe().types; }
  xmpp::Form filled() const {
    xmpp::Form form;
    form.type = xmpp::FormType::submit;
    form.add("n", "5").add("name", "x y").add("yes", "1").add("colour", "green").add("at", "2030-01-31T12:00:00Z");
    form.add("port", "80").add("point", "{\"x\": 1, \"y\": 2}");
    return form;
  }
  Service service{"s"};
};

TEST_F(CommandFormTest, fields_are_derived_from_the_parameters) {
  const xmpp::Form form = form_of(method(), types());
  EXPECT_EQ(form.title, "m");
  EXPECT_EQ(form.instructions, std::vector<std::string>{"Does it."});
  const auto type = [&](const char* var) { return *form.field(var)->type; };
  const auto datatype = [&](const char* var) { return form.field(var)->validation->datatype; };
  EXPECT_EQ(type("n"), xmpp::FieldType::text_single);
  EXPECT_EQ(datatype("n"), "xs:int");
  EXPECT_EQ(type("yes"), xmpp::FieldType::boolean);
  EXPECT_EQ(type("colour"), xmpp::FieldType::list_single);
  EXPECT_EQ(form.field("colour")->options, (std::vector<xmpp::Option>{{"red", "red"}, {"green", "green"}}));
  EXPECT_EQ(datatype("at"), "xs:dateTime");
  EXPECT_EQ(form.field("port")->validation->max, "65535");
  EXPECT_EQ(type("tags"), xmpp::FieldType::text_multi);
  EXPECT_EQ(type("point"), xmpp::FieldType::text_multi);
  EXPECT_EQ(form.field("point")->desc, "Point as JSON");
  EXPECT_EQ(type("maybe"), xmpp::FieldType::list_single);
  EXPECT_TRUE(form.field("n")->required);
  EXPECT_FALSE(form.field("opt")->required);
  EXPECT_FALSE(form.field("maybe")->required);
}

TEST_F(CommandFormTest, a_submission_is_the_arguments) {
  const auto args = arguments_from(filled(), method(), types());
  ASSERT_EQ(args.size(), 8u) << "optional ones at the end are left out";
  EXPECT_EQ(args[0], Value(5));
  EXPECT_EQ(args[1], Value("x y"));
  EXPECT_EQ(args[2], Value(true));
  EXPECT_EQ(args[3], Value("green"));
  EXPECT_TRUE(args[4].is(Value::Type::timestamp));
  EXPECT_EQ(args[6], Value(Value::Array{}));
  EXPECT_EQ(args[7], Value::structure({{"x", 1}, {"y", 2}}));
  xmpp::Form form = filled();
  form.add("opt", "7").add("maybe", "");
  const auto more = arguments_from(form, method(), types());
  ASSERT_EQ(more.size(), 10u);
  EXPECT_TRUE(more[8].is_nil());
  EXPECT_EQ(more[9], Value(7));
}

TEST_F(CommandFormTest, what_does_not_fit_is_named) {
  const auto why = [&](const char* var, const char* value) {
    xmpp::Form form = filled();
    std::erase_if(form.fields, [&](const xmpp::Field& field) { return field.var == var; });
    if (value) form.add(var, value);
    try {
      arguments_from(form, method(), types());
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
      return fault.message();
    }
    return std::string("fits");
  };
  EXPECT_EQ(why("n", nullptr), "n: missing");
  EXPECT_EQ(why("n", ""), "n: missing");
  EXPECT_EQ(why("n", "five"), "n: not of that type");
  EXPECT_EQ(why("port", "65536"), "port: out of range");
  EXPECT_EQ(why("colour", "blue"), "colour: none of those offered");
  EXPECT_EQ(why("yes", "perhaps"), "yes: neither true nor false");
  EXPECT_EQ(why("point", "{\"x\": 1}").substr(0, 7), "point: ");
  EXPECT_EQ(why("name", ""), "name: missing");
}

TEST_F(CommandFormTest, a_result_is_fields_a_table_or_json) {
  const auto value = [&](const Value& result) {
    return std::string(*result_form(result, method()).value("result"));
  };
  EXPECT_EQ(value(5), "5");
  EXPECT_EQ(value("text"), "text");
  const auto point = result_form(Value::structure({{"x", 1}, {"y", 2}}), method());
  EXPECT_EQ(*point.value("y"), "2");
  EXPECT_EQ(point.type, xmpp::FormType::result);
  const auto table = result_form(
      Value::array({Value::structure({{"a", 1}}), Value::structure({{"a", 2}, {"b", Value::array({1, 2})}})}), method());
  ASSERT_EQ(table.reported.size(), 2u);
  ASSERT_EQ(table.items.size(), 2u);
  EXPECT_EQ(table.items[1][0].value(), "2");
  EXPECT_EQ(table.items[1][1].value(), "[1,2]");
  EXPECT_EQ(table.items[0][1].value(), "");
  const auto list = result_form(Value::array({"a", "b"}), method());
  EXPECT_EQ(list.field("result")->values, (std::vector<std::string>{"a", "b"}));
  const auto lines = result_form("one\ntwo", method());
  EXPECT_EQ(lines.field("result")->values, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(*lines.field("result")->type, xmpp::FieldType::text_multi);
}

}  // namespace
}  // namespace xbus
