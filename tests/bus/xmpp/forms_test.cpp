#include "bus/xmpp/forms.hpp"

#include "bus/limits.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {
namespace {

Form form(std::string_view text) {
  auto read = form_from(element(text));
  EXPECT_TRUE(read) << text;
  return read ? *read : Form();
}

// XEP-0004 section 8.1: the form a bot service asks to be filled in.
constexpr std::string_view asked =
    "<x xmlns='jabber:x:data' type='form'><title>Bot Configuration</title>"
    "<instructions>Fill out this form to configure your new bot!</instructions>"
    "<field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>"
    "<field type='fixed'><value>Section 1: Bot Info</value></field>"
    "<field type='text-single' label='The name of your bot' var='botname'/>"
    "<field type='text-multi' label='Helpful description of your bot' var='description'/>"
    "<field type='boolean' label='Public bot?' var='public'><required/></field>"
    "<field type='text-private' label='Password for special access' var='password'/>"
    "<field type='list-multi' label='What features will the bot support?' var='features'>"
    "<option label='Contests'><value>contests</value></option><option "
    "label='News'><value>news</value></option>"
    "<option "
    "label='Search'><value>search</value></option><value>news</value><value>search</value></field>"
    "<field type='list-single' label='Maximum number of subscribers' "
    "var='maxsubs'><value>20</value>"
    "<option label='10'><value>10</value></option><option label='20'><value>20</value></option>"
    "<option label='None'><value>none</value></option></field>"
    "<field type='jid-multi' label='People to invite' var='invitelist'>"
    "<desc>Tell all your friends about your new bot!</desc></field></x>";

TEST(Forms, a_form_of_xep0004_is_read) {
  Form read = form(asked);
  EXPECT_EQ(read.type, FormType::form);
  EXPECT_EQ(read.title, "Bot Configuration");
  EXPECT_EQ(read.instructions,
            std::vector<std::string>{"Fill out this form to configure your new bot!"});
  EXPECT_EQ(read.form_type(), "jabber:bot");
  ASSERT_EQ(read.fields.size(), 9u);
  EXPECT_EQ(read.fields[1].type, FieldType::fixed);
  EXPECT_EQ(read.fields[1].value(), "Section 1: Bot Info");
  EXPECT_TRUE(read.field("public")->required);
  EXPECT_EQ(read.field("password")->type, FieldType::text_private);
  EXPECT_EQ(read.field("features")->values, (std::vector<std::string>{"news", "search"}));
  EXPECT_EQ(read.field("features")->options.size(), 3u);
  EXPECT_EQ(read.field("features")->options[0], (Option{"Contests", "contests"}));
  EXPECT_EQ(read.value("maxsubs"), "20");
  EXPECT_EQ(read.value("botname"), "");
  EXPECT_EQ(read.value("nothing"), std::nullopt);
  EXPECT_EQ(read.field("invitelist")->desc, "Tell all your friends about your new bot!");
  EXPECT_EQ(form_from(to_element(read)).value_or(Form()), read);
}

TEST(Forms, a_submission_of_xep0004_is_read) {
  Form read = form(
      "<x xmlns='jabber:x:data' type='submit'><field type='hidden' "
      "var='FORM_TYPE'><value>jabber:bot</value></field>"
      "<field type='text-multi' var='description'><value>This bot enables you to send requests "
      "to</value>"
      "<value>Google and receive the search results right</value></field>"
      "<field type='boolean' var='public'><value>0</value></field>"
      "<field type='jid-multi' "
      "var='invitelist'><value>juliet@capulet.com</value><value>benvolio@montague.net</value>"
      "</field></x>");
  EXPECT_EQ(read.type, FormType::submit);
  EXPECT_EQ(read.form_type(), "jabber:bot");
  EXPECT_EQ(read.field("description")->values.size(), 2u);
  EXPECT_EQ(boolean_of(*read.value("public")), false);
  EXPECT_EQ(read.field("invitelist")->values[1], "benvolio@montague.net");
  EXPECT_EQ(form_from(to_element(read)).value_or(Form()), read);
}

TEST(Forms, a_report_of_xep0004_is_read) {
  Form read = form(
      "<x xmlns='jabber:x:data' type='result'><title>Joogle Search: verona</title>"
      "<reported><field var='name'/><field var='url' label='Address' "
      "type='text-single'/></reported>"
      "<item><field var='name'><value>Comune di Verona</value></field><field "
      "var='url'><value>http://a/</value></field></item>"
      "<item><field var='name'><value>benvenuto!</value></field><field "
      "var='url'><value>http://b/</value></field></item></x>");
  EXPECT_EQ(read.title, "Joogle Search: verona");
  ASSERT_EQ(read.reported.size(), 2u);
  EXPECT_EQ(read.reported[1].label, "Address");
  ASSERT_EQ(read.items.size(), 2u);
  EXPECT_EQ(read.items[1][0].value(), "benvenuto!");
  EXPECT_EQ(form_from(to_element(read)).value_or(Form()), read);
}

TEST(Forms, a_cancel_is_read_and_written) {
  EXPECT_EQ(to_element(Form{.type = FormType::cancel,
                            .title = {},
                            .instructions = {},
                            .fields = {},
                            .reported = {},
                            .items = {}}),
            element("<x xmlns='jabber:x:data' type='cancel'/>"));
  EXPECT_EQ(form("<x xmlns='jabber:x:data' type='cancel'/>").type, FormType::cancel);
}

// XEP-0068 section 3: FORM_TYPE counts where it is hidden; in a submission its type is often left
// out.
TEST(Forms, form_type_of_xep0068) {
  auto type_of = [](std::string_view type, std::string_view field) {
    return std::string(form("<x xmlns='jabber:x:data' type='" + std::string(type) + "'>" +
                            std::string(field) + "</x>")
                           .form_type());
  };
  EXPECT_EQ(type_of("form", "<field var='FORM_TYPE' type='hidden'><value>urn:a</value></field>"),
            "urn:a");
  EXPECT_EQ(
      type_of("form", "<field var='FORM_TYPE' type='text-single'><value>urn:a</value></field>"),
      "");
  EXPECT_EQ(type_of("form", "<field var='FORM_TYPE'><value>urn:a</value></field>"), "");
  EXPECT_EQ(type_of("submit", "<field var='FORM_TYPE'><value>urn:a</value></field>"), "urn:a");
  EXPECT_EQ(
      type_of("submit", "<field var='FORM_TYPE' type='text-single'><value>urn:a</value></field>"),
      "");
  EXPECT_EQ(type_of("form", "<field var='FORM_TYPE' type='hidden'/>"), "");
  EXPECT_EQ(
      type_of("form",
              "<field var='FORM_TYPE' type='hidden'><value>a</value><value>a</value></field>"),
      "a");
  EXPECT_EQ(
      type_of("form",
              "<field var='FORM_TYPE' type='hidden'><value>a</value><value>b</value></field>"),
      "");
  EXPECT_EQ(make_form(FormType::submit, "urn:a").form_type(), "urn:a");
}

TEST(Forms, validation_of_xep0122) {
  using Method = Validation::Method;
  const std::pair<std::string_view, Validation> cases[] = {
      {"<validate xmlns='http://jabber.org/protocol/xdata-validate' "
       "datatype='xs:dateTime'><basic/></validate>",
       {.datatype = "xs:dateTime",
        .method = Method::basic,
        .min = {},
        .max = {},
        .regex = {},
        .list_min = {},
        .list_max = {}}},
      {"<validate xmlns='http://jabber.org/protocol/xdata-validate' "
       "datatype='xs:string'><open/></validate>",
       {.datatype = "xs:string",
        .method = Method::open,
        .min = {},
        .max = {},
        .regex = {},
        .list_min = {},
        .list_max = {}}},
      {"<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:dateTime'>"
       "<range min='2003-10-05T00:00:00-07:00' max='2003-10-24T23:59:59-07:00'/></validate>",
       {.datatype = "xs:dateTime",
        .method = Method::range,
        .min = "2003-10-05T00:00:00-07:00",
        .max = "2003-10-24T23:59:59-07:00",
        .regex = {},
        .list_min = {},
        .list_max = {}}},
      {"<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'>"
       "<regex>([0-9]{3})-([0-9]{2})-([0-9]{4})</regex></validate>",
       {.datatype = "xs:string",
        .method = Method::regex,
        .min = {},
        .max = {},
        .regex = "([0-9]{3})-([0-9]{2})-([0-9]{4})",
        .list_min = {},
        .list_max = {}}},
      {"<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><basic/>"
       "<list-range min='1' max='3'/></validate>",
       {.datatype = "xs:string",
        .method = Method::basic,
        .min = {},
        .max = {},
        .regex = {},
        .list_min = 1,
        .list_max = 3}},
  };
  for (const auto& [text, validation] : cases) {
    std::string x = "<x xmlns='jabber:x:data' type='form'><field var='a' type='text-single'>" +
                    std::string(text) + "</field></x>";
    Form read = form(x);
    ASSERT_TRUE(read.fields[0].validation) << text;
    EXPECT_EQ(*read.fields[0].validation, validation) << text;
    EXPECT_EQ(to_element(read), element(x)) << text;
  }
  Form bare = form(
      "<x xmlns='jabber:x:data' type='form'><field var='a'>"
      "<validate xmlns='http://jabber.org/protocol/xdata-validate'/></field></x>");
  EXPECT_EQ(*bare.fields[0].validation, Validation());
}

TEST(Forms, what_breaks_the_rules_is_refused_or_read_as_they_say) {
  EXPECT_EQ(form_from(element("<x xmlns='jabber:x:data'/>")).error(), FormError::not_a_form);
  EXPECT_EQ(form_from(element("<x xmlns='jabber:x:data' type='error'/>")).error(),
            FormError::not_a_form);
  EXPECT_EQ(form_from(element("<x xmlns='urn:other' type='form'/>")).error(),
            FormError::not_a_form);
  EXPECT_EQ(form_from(element("<x xmlns='jabber:x:data' type='form'><field type='boolean'/></x>"))
                .error(),
            FormError::field_without_var);
  // An unknown type is text-single (section 3.3); an option without its one value is none.
  Form read = form(
      "<x xmlns='jabber:x:data' type='form'><field var='a' type='colour'><option "
      "label='Juliet'>Sun</option>"
      "<option><value>1</value><value>2</value></option><option><value>3</value></option></field></"
      "x>");
  EXPECT_EQ(read.fields[0].type, FieldType::text_single);
  ASSERT_EQ(read.fields[0].options.size(), 1u);
  EXPECT_EQ(read.fields[0].options[0].value, "3");
  for (std::string_view text : {"1", "true"}) EXPECT_EQ(boolean_of(text), true);
  for (std::string_view text : {"0", "false"}) EXPECT_EQ(boolean_of(text), false);
  for (std::string_view text : {"", "yes", "TRUE", "2"}) EXPECT_EQ(boolean_of(text), std::nullopt);
}

TEST(Forms, limits_hold_over_the_whole_form) {
  auto with = [](size_t fields, size_t values) {
    xml::Element x("x", std::string(ns_data));
    x.set("type", "submit");
    for (size_t i = 0; i < fields; ++i) x.add("field").set("var", std::to_string(i));
    for (size_t i = 0; i < values; ++i) x.first("field", ns_data)->add("value");
    return x;
  };
  EXPECT_TRUE(form_from(with(limits::form_fields_max, limits::form_values_max)));
  EXPECT_EQ(form_from(with(limits::form_fields_max + 1, 0)).error(), FormError::too_many);
  EXPECT_EQ(form_from(with(1, limits::form_values_max + 1)).error(), FormError::too_many);
  xml::Element rows("x", std::string(ns_data));
  rows.set("type", "result");
  for (size_t i = 0; i < limits::form_fields_max; ++i) rows.add("item");
  EXPECT_TRUE(form_from(rows));
  rows.add("item");
  EXPECT_EQ(form_from(rows).error(), FormError::too_many);
}

}  // namespace
}  // namespace xbus::xmpp
