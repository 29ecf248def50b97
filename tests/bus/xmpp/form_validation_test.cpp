#include "bus/xmpp/form_validation.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

Field field(FieldType type, bool required = false) {
  Field out;
  out.var = "a";
  out.type = type;
  out.required = required;
  return out;
}

// The fault of submitting those values for that field; nullopt when they are right.
std::optional<FieldFault> fault_of(const Field& asked, std::vector<std::string> values) {
  Form form, answer;
  form.fields.push_back(asked);
  answer.type = FormType::submit;
  Field given;
  given.var = asked.var;
  given.values = std::move(values);
  answer.fields.push_back(given);
  auto fault = check_submission(form, answer);
  if (!fault) return std::nullopt;
  EXPECT_EQ(fault->var, asked.var);
  return fault->fault;
}

TEST(FormValidation, required_fields_need_a_value) {
  Form asked;
  asked.fields.push_back(field(FieldType::text_single, true));
  EXPECT_EQ(check_submission(asked, Form()), (FormFault{"a", FieldFault::missing}));
  EXPECT_EQ(fault_of(field(FieldType::text_single, true), {}), FieldFault::missing);
  EXPECT_EQ(fault_of(field(FieldType::text_single, true), {""}), FieldFault::missing);
  EXPECT_EQ(fault_of(field(FieldType::text_single, true), {"x"}), std::nullopt);
  EXPECT_EQ(fault_of(field(FieldType::jid_single), {""}), std::nullopt);
}

TEST(FormValidation, fields_that_were_not_asked_for_are_ignored) {
  Form answer;
  answer.add("other", "not a jid", FieldType::jid_single);
  EXPECT_EQ(check_submission(Form(), answer), std::nullopt);
}

TEST(FormValidation, types_of_xep0004) {
  EXPECT_EQ(fault_of(field(FieldType::boolean), {"true"}), std::nullopt);
  EXPECT_EQ(fault_of(field(FieldType::boolean), {"yes"}), FieldFault::bad_boolean);
  EXPECT_EQ(fault_of(field(FieldType::boolean), {"1", "1"}), FieldFault::wrong_count);
  EXPECT_EQ(fault_of(field(FieldType::jid_single), {"a@b"}), std::nullopt);
  EXPECT_EQ(fault_of(field(FieldType::jid_single), {"a@b", "c@d"}), FieldFault::wrong_count);
  EXPECT_EQ(fault_of(field(FieldType::jid_multi), {"a@b", "c@d"}), std::nullopt);
  EXPECT_EQ(fault_of(field(FieldType::jid_multi), {"a@b", "@"}), FieldFault::bad_jid);
  EXPECT_EQ(fault_of(field(FieldType::text_single), {"a", "b"}), FieldFault::wrong_count);
  EXPECT_EQ(fault_of(field(FieldType::text_multi), {"a", "b"}), std::nullopt);
  Field list = field(FieldType::list_single);
  list.options = {{"One", "1"}, {"Two", "2"}};
  EXPECT_EQ(fault_of(list, {"2"}), std::nullopt);
  EXPECT_EQ(fault_of(list, {"3"}), FieldFault::not_offered);
  EXPECT_EQ(fault_of(list, {"1", "2"}), FieldFault::wrong_count);
  list.type = FieldType::list_multi;
  EXPECT_EQ(fault_of(list, {"1", "2"}), std::nullopt);
  EXPECT_EQ(fault_of(list, {"1", "3"}), FieldFault::not_offered);
}

// XEP-0122 section 3.2.2: an open list takes values of its own, of the right datatype.
TEST(FormValidation, open_lists) {
  Field list = field(FieldType::list_single);
  list.options = {{"One", "1"}};
  list.validation = Validation();
  list.validation->datatype = "xs:int";
  EXPECT_EQ(fault_of(list, {"7"}), FieldFault::not_offered);
  list.validation->method = Validation::Method::open;
  EXPECT_EQ(fault_of(list, {"7"}), std::nullopt);
  EXPECT_EQ(fault_of(list, {"seven"}), FieldFault::bad_datatype);
}

TEST(FormValidation, list_range) {
  Field list = field(FieldType::list_multi);
  list.options = {{"", "1"}, {"", "2"}, {"", "3"}};
  list.validation = Validation();
  list.validation->list_min = 2;
  list.validation->list_max = 2;
  EXPECT_EQ(fault_of(list, {"1"}), FieldFault::wrong_count);
  EXPECT_EQ(fault_of(list, {"1", "2"}), std::nullopt);
  EXPECT_EQ(fault_of(list, {"1", "2", "3"}), FieldFault::wrong_count);
}

// XEP-0122 section 6.4: the datatypes registered there.
TEST(FormValidation, datatypes) {
  struct Case {
    std::string_view datatype;
    std::vector<std::string_view> good, bad;
  };
  const Case cases[] = {
      {"xs:byte", {"-128", "127", "+1", "007"}, {"-129", "128", "1.0", "", "x", "++1", "+-1"}},
      {"xs:short", {"-32768", "32767"}, {"32768"}},
      {"xs:int", {"-2147483648", "2147483647"}, {"2147483648", "1e3"}},
      {"xs:long", {"-9223372036854775808", "9223372036854775807"}, {"9223372036854775808"}},
      {"xs:integer", {"99999999999999999999999999", "-0"}, {"1.5", "", "-"}},
      {"xs:decimal", {"1.5", "-.5", "5.", "00.100"}, {".", "1e3", "1.2.3", "INF", ""}},
      {"xs:double",
       {"1.5", "-1e300", "INF", "-INF", "NaN", "+2.5E-3"},
       {"inf", "nan", "0x1p3", "1e", "", "++1", "+-1"}},
      {"xs:boolean", {"0", "true"}, {"yes"}},
      {"xs:date", {"2003-10-06"}, {"2003-13-06", "6.10.2003"}},
      {"xs:dateTime", {"2003-10-06T11:22:00-07:00"}, {"2003-10-06"}},
      {"xs:time", {"11:22:00", "11:22:00.5Z"}, {"11:22"}},
      {"xs:language",
       {"en", "en-US", "x-klingon", "i-default"},
       {"", "en-", "e n", "abcdefghi", "1a"}},
      {"xs:anyURI", {"http://example.com/", ""}, {}},
      {"xs:string", {"anything", ""}, {}},
      {"x:ours", {"anything"}, {}},
  };
  for (const Case& c : cases) {
    for (std::string_view text : c.good)
      EXPECT_TRUE(is_of_datatype(c.datatype, text)) << c.datatype << " " << text;
    for (std::string_view text : c.bad)
      EXPECT_FALSE(is_of_datatype(c.datatype, text)) << c.datatype << " " << text;
  }
}

TEST(FormValidation, ranges) {
  struct Case {
    std::string_view datatype, min, max;
    std::vector<std::string> inside, outside;
  };
  const Case cases[] = {
      {"xs:int", "-5", "10", {"-5", "0", "10", "+7", "007"}, {"-6", "11"}},
      {"xs:integer",
       "",
       "100000000000000000000",
       {"99999999999999999999", "-1"},
       {"100000000000000000001"}},
      {"xs:decimal", "0.5", "1.25", {"0.50", "1", "1.25"}, {"0.49", "1.2500001", "-1"}},
      {"xs:decimal", "-1.5", "", {"-1.5", "-1.25", "0"}, {"-1.51", "-2"}},
      {"xs:double", "0", "1e3", {"0.5", "1000"}, {"-1e-9", "INF"}},
      {"xs:date",
       "2003-10-05",
       "2003-10-24",
       {"2003-10-05", "2003-10-24"},
       {"2003-10-04", "2003-10-25"}},
      {"xs:dateTime",
       "2003-10-05T00:00:00-07:00",
       "2003-10-24T23:59:59-07:00",
       {"2003-10-06T11:22:00-07:00", "2003-10-05T07:00:00Z"},
       {"2003-10-05T06:59:59Z", "2003-10-25T07:00:00Z"}},
      {"xs:time", "09:00:00", "17:00:00", {"12:00:00"}, {"08:59:59", "17:00:00.1"}},
      {"xs:int", "many", "10", {"-100"}, {"11"}},  // a bound that is no number bounds nothing
  };
  for (const Case& c : cases) {
    Field asked = field(FieldType::text_single);
    asked.validation = Validation();
    asked.validation->datatype = c.datatype;
    asked.validation->method = Validation::Method::range;
    asked.validation->min = c.min;
    asked.validation->max = c.max;
    for (const std::string& text : c.inside)
      EXPECT_EQ(fault_of(asked, {text}), std::nullopt) << c.datatype << " " << text;
    for (const std::string& text : c.outside) {
      EXPECT_EQ(fault_of(asked, {text}), FieldFault::out_of_range) << c.datatype << " " << text;
    }
  }
}

}  // namespace
}  // namespace xbus::xmpp
