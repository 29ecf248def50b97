#include "rpc/payload.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

Value full_value() {
  return Value::structure({{"a", 1},
                           {"b", int64_t{1} << 40},
                           {"c", 2.5},
                           {"d", Value::array({true, "text", nullptr})},
                           {"e", Bytes{std::byte{0}, std::byte{255}}}});
}

TEST(Payload, a_value_stands_in_the_namespace_of_its_type) {
  const auto written = write_payload(full_value(), PayloadForm::xml, "urn:example:alarm");
  ASSERT_TRUE(written);
  EXPECT_TRUE(written->is("event", "urn:example:alarm"));
  const Payload read = read_payload(*written);
  ASSERT_TRUE(std::holds_alternative<Value>(read));
  EXPECT_EQ(std::get<Value>(read), full_value());
  EXPECT_EQ(write_payload(Value(1))->ns(), ns_event);
}

TEST(Payload, a_value_goes_as_json) {
  const auto written = write_payload(Value::structure({{"a", 1}, {"b", "<&>"}}), PayloadForm::json);
  ASSERT_TRUE(written);
  EXPECT_TRUE(written->is("json", ns_json));
  EXPECT_EQ(written->text(), R"({"a":1,"b":"<&>"})");
  EXPECT_EQ(value_of(read_payload(*written)), Value::structure({{"a", 1}, {"b", "<&>"}}));
}

TEST(Payload, protobuf_keeps_its_type) {
  const ProtobufPayload message{"billing.Invoice", {std::byte{1}, std::byte{2}}};
  const Payload read = read_payload(write_payload(message));
  ASSERT_TRUE(std::holds_alternative<ProtobufPayload>(read));
  EXPECT_EQ(std::get<ProtobufPayload>(read), message);
  EXPECT_EQ(value_of(read), Value::structure({{"type", "billing.Invoice"}, {"bytes", message.bytes}}));
}

TEST(Payload, what_is_none_of_them_stays_an_element) {
  for (const char* text : {"<entry xmlns='http://www.w3.org/2005/Atom'><title>x</title></entry>",
                           "<json xmlns='urn:xmpp:json:0'>{</json>", "<event xmlns='urn:xbus:event:0'/>",
                           "<event xmlns='u'><value xmlns='jabber:iq:rpc'><int>x</int></value></event>",
                           "<event xmlns='u'><value xmlns='jabber:iq:rpc'/><value xmlns='jabber:iq:rpc'/></event>",
                           "<protobuf xmlns='urn:xbus:protobuf:0' type='x'>!</protobuf>"}) {
    const auto element = xml::parse(text);
    ASSERT_TRUE(element) << text;
    const Payload read = read_payload(*element);
    ASSERT_TRUE(std::holds_alternative<xml::Element>(read)) << text;
    EXPECT_EQ(std::get<xml::Element>(read), *element);
    EXPECT_TRUE(value_of(read).is(Value::Type::string));
  }
}

TEST(Payload, what_a_form_cannot_carry_is_refused) {
  EXPECT_FALSE(write_payload(Value(std::string("\x01"))));
  EXPECT_TRUE(write_payload(Value(std::string("\x01")), PayloadForm::json));
  Value deep(1);
  for (int i = 0; i < 40; ++i) deep = Value(Value::Array{deep});
  EXPECT_EQ(write_payload(deep).error().kind(), Fault::Kind::too_big);
  EXPECT_EQ(write_payload(deep, PayloadForm::json).error().kind(), Fault::Kind::too_big);
}

}  // namespace
}  // namespace xbus
