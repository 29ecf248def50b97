// The Jabber-RPC codec: the rules RPC-01 to RPC-26 and the odd inputs of peers.
#include "rpc/jabber_rpc.hpp"

#include <gtest/gtest.h>

#include "rpc/jabber_rpc_value.hpp"

namespace xbus::jabber_rpc {
namespace {

using namespace std::chrono_literals;

xml::Element element(const std::string& text) {
  auto parsed = xml::parse(text, xml::ns_client);
  if (!parsed) {
    ADD_FAILURE() << "not well-formed: " << text;
    return {};
  }
  return *parsed;
}

std::string iq(const std::string& type, const std::string& inside) {
  return "<iq type='" + type + "' id='1' from='a@b/c' to='d@e/f'>" + inside + "</iq>";
}
std::string query(const std::string& inside) { return "<query xmlns='jabber:iq:rpc'>" + inside + "</query>"; }
std::string call(const std::string& params, const std::string& name = "m") {
  return iq("set", query("<methodCall><methodName>" + name + "</methodName>" + params + "</methodCall>"));
}
std::string param(const std::string& value) { return "<params><param>" + value + "</param></params>"; }
std::string answer(const std::string& inside) {
  return iq("result", query("<methodResponse>" + inside + "</methodResponse>"));
}

Result<Request, Refusal> read(const std::string& text) { return read_call(element(text)); }

// The one argument of a call, or why it is refused.
std::optional<Value> value_of(const std::string& value) {
  auto request = read(call(param(value)));
  if (!request || request->args.size() != 1) return {};
  return request->args[0];
}
// The kind of fault that refuses it.
bool malformed(const std::string& text) {
  auto request = read(text);
  if (request) return false;
  const auto* fault = std::get_if<Fault>(&request.error());
  return fault && fault->code() == -32700;
}
bool bad_request(const std::string& text) {
  auto request = read(text);
  if (request) return false;
  const auto* error = std::get_if<xmpp::StanzaError>(&request.error());
  return error && error->condition == xmpp::Condition::bad_request;
}
Fault fault_of(const std::string& text) {
  auto value = read_answer(element(text));
  if (value) {
    ADD_FAILURE() << "a value: " << value->text();
    return Fault(Fault::Kind::failed);
  }
  return value.error();
}
std::string written(const Value& value, Dialect dialect = Dialect::strict) {
  auto query = write_result(value, dialect);
  if (!query) return query.error().what();
  const std::string text = xml::write(*query, xml::ns_client);
  const size_t begin = text.find("<value>"), end = text.rfind("</param>");
  return text.substr(begin, end - begin);
}

TEST(JabberRpc, RPC_01_a_call_is_an_iq_of_type_set) {
  EXPECT_TRUE(read(call("")));
  EXPECT_TRUE(bad_request(iq("get", query("<methodCall><methodName>m</methodName></methodCall>"))));
}

TEST(JabberRpc, RPC_02_one_query_with_one_child) {
  const std::string one = "<methodCall><methodName>m</methodName></methodCall>";
  EXPECT_TRUE(bad_request(iq("set", query(one) + query(one))));
  EXPECT_TRUE(bad_request(iq("set", query(one + one))));
  EXPECT_TRUE(bad_request(iq("set", query(""))));
  EXPECT_TRUE(bad_request(iq("set", query("<other/>"))));
  EXPECT_TRUE(bad_request(iq("set", query("text" + one))));
  EXPECT_TRUE(bad_request(iq("set", "<query xmlns='jabber:iq:other'/>")));
  EXPECT_TRUE(read(iq("set", query("\n  " + one + "\n"))));
}

TEST(JabberRpc, RPC_03_no_xml_declaration_and_utf8) {
  auto query = write_call({"m", {Value("\xC3\xBC")}, {}, Dialect::strict});
  ASSERT_TRUE(query);
  EXPECT_EQ(xml::write(*query, xml::ns_client),
            "<query xmlns='jabber:iq:rpc'><methodCall><methodName>m</methodName><params><param><value>"
            "<string>\xC3\xBC</string></value></param></params></methodCall></query>");
}

TEST(JabberRpc, RPC_04_a_fault_travels_in_a_result) {
  const Fault fault(4, "Too many parameters.");
  EXPECT_EQ(xml::write(write_fault(fault, Dialect::strict), xml::ns_client),
            "<query xmlns='jabber:iq:rpc'><methodResponse><fault><value><struct><member><name>faultCode</name><value>"
            "<int>4</int></value></member><member><name>faultString</name><value><string>Too many parameters.</string>"
            "</value></member></struct></value></fault></methodResponse></query>");
}

TEST(JabberRpc, RPC_05_a_transport_error_is_a_stanza_error) {
  const Fault fault = fault_of(iq("error", query("") + "<error type='cancel'><service-unavailable "
                                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"));
  EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
}

TEST(JabberRpc, RPC_09_base64_is_lower_case_and_read_in_both) {
  const Bytes abc{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};
  EXPECT_EQ(written(abc), "<value><base64>YWJj</base64></value>");
  EXPECT_EQ(value_of("<value><base64>YWJj</base64></value>"), Value(abc));
  EXPECT_EQ(value_of("<value><Base64>YWJj</Base64></value>"), Value(abc));
  EXPECT_EQ(value_of("<value><base64>\n YW\tJj\r\n</base64></value>"), Value(abc));
  EXPECT_EQ(value_of("<value><base64/></value>"), Value(Bytes{}));
  EXPECT_TRUE(malformed(call(param("<value><base64>YWJ</base64></value>"))));
  EXPECT_TRUE(malformed(call(param("<value><base64>YW-j</base64></value>"))));
}

TEST(JabberRpc, RPC_10_method_names_are_of_a_few_characters) {
  EXPECT_EQ(read(call("", "/pkg.Svc/Method_1:x"))->method, "/pkg.Svc/Method_1:x");
  for (const char* name : {"", "a-b", "a b", " a", "\xC3\xBC", "<x/>"}) EXPECT_TRUE(malformed(call("", name))) << name;
  auto query = write_call({"a-b", {}, {}, Dialect::strict});
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().kind(), Fault::Kind::invalid);
}

TEST(JabberRpc, RPC_11_params_may_be_absent_in_a_call_not_in_an_answer) {
  EXPECT_TRUE(read(call(""))->args.empty());
  EXPECT_TRUE(read(call("<params/>"))->args.empty());
  EXPECT_TRUE(malformed(call("<params/><params/>")));
  EXPECT_TRUE(malformed(call("<params><param/></params>")));
  EXPECT_TRUE(malformed(call("<params>x</params>")));
  EXPECT_TRUE(malformed(call("<params><value/></params>")));
  const std::string one = param("<value><int>1</int></value>");
  EXPECT_EQ(*read_answer(element(answer(one))), Value(1));
  const std::string fault = "<fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member>"
                            "<member><name>faultString</name><value>x</value></member></struct></value></fault>";
  for (const std::string& bad : {std::string(), std::string("<params/>"), one + fault, one + one,
                                 std::string("<params><param><value/></param><param><value/></param></params>")})
    EXPECT_EQ(fault_of(answer(bad)).kind(), Fault::Kind::failed) << bad;
}

TEST(JabberRpc, RPC_12_a_fault_has_exactly_two_members) {
  const auto fault = [](const std::string& members) {
    return answer("<fault><value><struct>" + members + "</struct></value></fault>");
  };
  const std::string code = "<member><name>faultCode</name><value><i4>17</i4></value></member>";
  const std::string text = "<member><name>faultString</name><value>paper</value></member>";
  EXPECT_EQ(fault_of(fault(text + code)), Fault(17, "paper"));
  EXPECT_EQ(fault_of(fault(code + text)).kind(), Fault::Kind::custom);
  EXPECT_EQ(fault_of(fault(code + text + "<member><name>x</name><value/></member>")).kind(), Fault::Kind::failed);
  EXPECT_EQ(fault_of(fault(code)).kind(), Fault::Kind::failed);
  EXPECT_EQ(fault_of(fault(text + "<member><name>faultCode</name><value>17</value></member>")).kind(),
            Fault::Kind::failed);
}

TEST(JabberRpc, RPC_13_integers_of_32_bits) {
  for (const char* name : {"int", "i4"}) {
    const auto number = [&](const std::string& text) {
      return "<value><" + std::string(name) + ">" + text + "</" + name + "></value>";
    };
    EXPECT_EQ(value_of(number("-12")), Value(-12));
    EXPECT_EQ(value_of(number("+7")), Value(7));
    EXPECT_EQ(value_of(number("0007")), Value(7));
    EXPECT_EQ(value_of(number("2147483647")), Value(2147483647));
    EXPECT_EQ(value_of(number("-2147483648")), Value(-2147483647 - 1));
    for (const char* bad : {"2147483648", "-2147483649", "99999999999999999999", "", " 1", "1 ", "1.0", "0x1", "+-1", "--1", "+"})
      EXPECT_TRUE(malformed(call(param(number(bad))))) << bad;
  }
  EXPECT_EQ(written(-5), "<value><int>-5</int></value>");
}

TEST(JabberRpc, RPC_14_doubles_are_written_without_and_read_with_an_exponent) {
  EXPECT_EQ(written(2.0), "<value><double>2.0</double></value>");
  EXPECT_EQ(written(-12.214), "<value><double>-12.214</double></value>");
  EXPECT_EQ(written(1e21), "<value><double>1000000000000000000000.0</double></value>");
  EXPECT_EQ(written(1e-7), "<value><double>0.0000001</double></value>");
  const auto real = [](const std::string& text) { return "<value><double>" + text + "</double></value>"; };
  EXPECT_EQ(value_of(real("1.5e3")), Value(1500.0));
  EXPECT_EQ(value_of(real("+.5")), Value(0.5));
  EXPECT_EQ(value_of(real("5.")), Value(5.0));
  EXPECT_EQ(value_of(real("7")), Value(7.0));
  EXPECT_EQ(value_of(real("1e-999")), Value(0.0));
  for (const double edge : {1.7976931348623157e308, 5e-324, 0.1, -0.0, 1.0 / 3}) {
    const auto back = value_of(written(edge));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->as_double(), edge);
  }
  for (const char* bad : {"", "inf", "INF", "nan", "-inf", "1e999", "0x10", " 1.0", "1.0 ", "1,5", "+-1", "."})
    EXPECT_TRUE(malformed(call(param(real(bad))))) << bad;
}

TEST(JabberRpc, RPC_15_booleans_are_0_and_1) {
  EXPECT_EQ(value_of("<value><boolean>1</boolean></value>"), Value(true));
  EXPECT_EQ(value_of("<value><boolean>0</boolean></value>"), Value(false));
  for (const char* bad : {"true", "false", "2", "", " 1"})
    EXPECT_TRUE(malformed(call(param("<value><boolean>" + std::string(bad) + "</boolean></value>")))) << bad;
  EXPECT_EQ(written(true), "<value><boolean>1</boolean></value>");
}

TEST(JabberRpc, RPC_16_dates_are_read_in_both_forms_and_written_in_one) {
  const auto date = [](const std::string& text) {
    return "<value><dateTime.iso8601>" + text + "</dateTime.iso8601></value>";
  };
  const Timestamp noon = Timestamp(std::chrono::sys_days(std::chrono::year(1998) / 7 / 17)) + 14h + 8min + 55s;
  EXPECT_EQ(written(noon), date("19980717T14:08:55"));
  EXPECT_EQ(written(noon + 5us), date("19980717T14:08:55"));
  EXPECT_EQ(written(noon + 5us, Dialect::extended), date("19980717T14:08:55.000005"));
  for (const char* text : {"19980717T14:08:55", "1998-07-17T14:08:55", "1998-07-17T14:08:55Z",
                           "1998-07-17T16:08:55+02:00", "1998-07-17T12:38:55-01:30", "19980717T14:08:55.0000009"})
    EXPECT_EQ(value_of(date(text)), Value(noon)) << text;
  EXPECT_EQ(value_of(date("19980717T14:08:55.000005")), Value(noon + 5us));
  for (const char* bad : {"", "19980717", "19981317T00:00:00", "19980231T00:00:00", "19980717T24:00:00",
                          "19980717T14:08:60", "19980717T14:08", "1998-0717T14:08:55", "00000101T00:00:00",
                          "19980717T14:08:55+15:00", "19980717T14:08:55.", " 19980717T14:08:55"})
    EXPECT_TRUE(malformed(call(param(date(bad))))) << bad;
  EXPECT_EQ(written(Timestamp::max()), "invalid: a timestamp is outside the years 1 to 9999");
}

TEST(JabberRpc, RPC_17_a_value_without_a_type_is_a_string) {
  EXPECT_EQ(value_of("<value> a b </value>"), Value(" a b "));
  EXPECT_EQ(value_of("<value/>"), Value(""));
  EXPECT_EQ(value_of("<value>\n <i4>5</i4>\n</value>"), Value(5));
  EXPECT_EQ(value_of("<value><string> x </string></value>"), Value(" x "));
  EXPECT_TRUE(malformed(call(param("<value>x<i4>5</i4></value>"))));
  EXPECT_TRUE(malformed(call(param("<value><i4>5</i4><i4>6</i4></value>"))));
  EXPECT_TRUE(malformed(call(param("<value><float>5</float></value>"))));
  EXPECT_TRUE(malformed(call(param("<value><string><b/></string></value>"))));
  EXPECT_TRUE(malformed(call(param("<value><int xmlns='other'>5</int></value>"))));
}

TEST(JabberRpc, RPC_18_any_xml_character_and_nothing_else) {
  const std::string text = "<&>\t\n\xF0\x9F\x9A\x8C\"'";
  EXPECT_EQ(value_of(written(text)), Value(text));
  EXPECT_EQ(written(std::string("a\0b", 3)), "invalid: a string holds characters that XML cannot carry: send bytes");
  EXPECT_EQ(written("\xFF"), "invalid: a string holds characters that XML cannot carry: send bytes");
  // A fault always goes through.
  const auto fault = write_fault(Fault(1, std::string("a\0b", 3)), Dialect::strict);
  EXPECT_NE(xml::write(fault).find("a?b"), std::string::npos);
}

TEST(JabberRpc, RPC_19_structs) {
  const Value both = Value::structure({{"a", 1}, {"b", "x"}});
  EXPECT_EQ(value_of(written(both)), both);
  EXPECT_EQ(value_of("<value><struct/></value>"), Value(Value::Struct{}));
  const std::string a = "<member><name>a</name><value>x</value></member>";
  EXPECT_EQ(value_of("<value><struct>" + a + "</struct></value>"), Value::structure({{"a", "x"}}));
  EXPECT_EQ(value_of("<value><struct><member><value>x</value><name>a</name></member></struct></value>"),
            Value::structure({{"a", "x"}}));
  for (const std::string& bad : {a + a, std::string("<member><name>a</name></member>"), std::string("<member/>"),
                                 std::string("<value/>"), std::string("x") + a,
                                 std::string("<member><name>a</name><name>b</name><value/></member>")})
    EXPECT_TRUE(malformed(call(param("<value><struct>" + bad + "</struct></value>")))) << bad;
}

TEST(JabberRpc, RPC_20_arrays_have_one_data) {
  const Value mixed = Value::array({12, "Egypt", false, Value::array({}), -31});
  EXPECT_EQ(value_of(written(mixed)), mixed);
  EXPECT_EQ(value_of("<value><array><data/></array></value>"), Value(Value::Array{}));
  for (const char* bad : {"", "<data/><data/>", "<value/>", "<data>x</data>", "<data><int>1</int></data>"})
    EXPECT_TRUE(malformed(call(param("<value><array>" + std::string(bad) + "</array></value>")))) << bad;
}

TEST(JabberRpc, RPC_21_extensions_go_to_peers_that_have_them) {
  const int64_t wide = 9'000'000'000;
  EXPECT_EQ(written(wide), "<value><string>9000000000</string></value>");
  EXPECT_EQ(written(wide, Dialect::extended), "<value><i8>9000000000</i8></value>");
  EXPECT_EQ(written(Value()), "invalid: the peer cannot receive nil");
  EXPECT_EQ(written(Value(), Dialect::extended), "<value><nil/></value>");
  EXPECT_EQ(value_of("<value><i8>-9223372036854775808</i8></value>"), Value(std::numeric_limits<int64_t>::min()));
  EXPECT_EQ(value_of("<value><nil/></value>"), Value());
  const std::string ex = "xmlns='http://ws.apache.org/xmlrpc/namespaces/extensions'";
  EXPECT_EQ(value_of("<value><nil " + ex + "/></value>"), Value());
  EXPECT_EQ(value_of("<value><i8 " + ex + ">5</i8></value>"), Value(int64_t{5}));
  EXPECT_TRUE(malformed(call(param("<value><i8>9223372036854775808</i8></value>"))));
  EXPECT_TRUE(malformed(call(param("<value><nil>x</nil></value>"))));
}

TEST(JabberRpc, RPC_22_malformed_xmlrpc_in_a_right_query_is_a_fault) {
  EXPECT_TRUE(malformed(iq("set", query("<methodCall/>"))));
  EXPECT_TRUE(malformed(iq("set", query("<methodCall>x<methodName>m</methodName></methodCall>"))));
  EXPECT_TRUE(malformed(iq("set", query("<methodCall><methodName>m</methodName><other/></methodCall>"))));
}

TEST(JabberRpc, RPC_25_the_copy_of_the_request_in_an_error_is_not_needed) {
  EXPECT_EQ(fault_of(iq("error", "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"))
                .kind(),
            Fault::Kind::forbidden);
  EXPECT_EQ(fault_of(iq("error", query("<methodResponse/>"))).kind(), Fault::Kind::failed);
}

TEST(JabberRpc, RPC_26_an_answer_is_no_call_and_a_call_no_answer) {
  EXPECT_TRUE(bad_request(iq("set", query("<methodResponse/>"))));
  EXPECT_EQ(fault_of(iq("result", query("<methodCall><methodName>m</methodName></methodCall>"))).kind(),
            Fault::Kind::failed);
  EXPECT_EQ(fault_of(iq("result", "")).kind(), Fault::Kind::failed);
}

TEST(JabberRpc, metadata_goes_along_in_a_namespace_of_ours_to_peers_that_have_the_feature) {
  const Metadata metadata{1500ms, "00-1-2-01", "a=b", "key 1", "u@example.org/x", "17", false};
  const Request request{"m", {Value(1)}, metadata, Dialect::extended};
  auto query = write_call(request);
  ASSERT_TRUE(query);
  EXPECT_EQ(*query->attr("deadline", ns_call), "1500");
  // As it comes out of a stream.
  auto back = read_query(element(xml::write(*query, xml::ns_client)));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, request);

  Request strict = request;
  strict.dialect = Dialect::strict;
  query = write_call(strict);
  EXPECT_TRUE(query->attributes().empty());
  EXPECT_EQ(read_query(*query)->dialect, Dialect::strict);
}

TEST(JabberRpc, a_relay_says_when_the_caller_proper_is_strict) {
  Metadata metadata;
  metadata.strict = true;
  const auto query = write_call({"m", {}, metadata, Dialect::extended});
  EXPECT_EQ(read_query(*query)->dialect, Dialect::strict);
}

TEST(JabberRpc, bad_metadata_is_a_bad_request) {
  const auto with = [](const std::string& attribute) {
    return iq("set", "<query xmlns='jabber:iq:rpc' xmlns:x='urn:xbus:call:0' " + attribute +
                         "><methodCall><methodName>m</methodName></methodCall></query>");
  };
  for (const char* bad : {"x:deadline=''", "x:deadline='-1'", "x:deadline='1.5'", "x:deadline='soon'"})
    EXPECT_TRUE(bad_request(with(bad))) << bad;
  EXPECT_EQ(read(with("x:deadline='99999999999999999999999'"))->metadata.deadline, Duration(limits::call_time_max));
  EXPECT_TRUE(read(with("x:key='" + std::string(limits::metadata_bytes_max, 'k') + "'")));
  EXPECT_TRUE(bad_request(with("x:key='" + std::string(limits::metadata_bytes_max + 1, 'k') + "'")));
  EXPECT_EQ(read(with("x:other='1'"))->dialect, Dialect::extended);
}

TEST(JabberRpc, the_row_of_a_fault_is_told_to_peers_that_have_the_feature) {
  for (const auto kind : {FaultKind::busy, FaultKind::no_such_domain, FaultKind::cancelled}) {
    xml::Element iq("iq", std::string(xml::ns_client));
    iq.set("type", "result").add(write_fault(Fault(kind, "x"), Dialect::extended));
    EXPECT_EQ(read_answer(iq).error().kind(), kind);
  }
  // A row that contradicts the code does not count.
  auto query = write_fault(Fault(5, "x"), Dialect::extended);
  query.set("fault", ns_call, "busy");
  xml::Element iq("iq", std::string(xml::ns_client));
  iq.set("type", "result").add(query);
  EXPECT_EQ(read_answer(iq).error(), Fault(5, "x"));
}

Value nested(size_t levels) {
  Value value = Value(1);
  for (size_t i = 1; i < levels; ++i) value = i % 2 ? Value(Value::Array{value}) : Value::structure({{"a", value}});
  return value;
}

TEST(JabberRpc, nesting_ends_before_the_stream_would) {
  const Value deepest = nested(depth_max);
  auto query = write_call({"m", {deepest}, {}, Dialect::strict});
  ASSERT_TRUE(query);
  // The scanner of the receiver takes exactly this much.
  xml::Element iq("iq", std::string(xml::ns_client));
  iq.set("type", "set").set("id", "1").add(*query);
  auto back = xml::parse(xml::write(iq, xml::ns_client), xml::ns_client);
  ASSERT_TRUE(back);
  EXPECT_EQ(read_call(*back)->args[0], deepest);
  auto deeper = write_call({"m", {nested(depth_max + 1)}, {}, Dialect::strict});
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().kind(), Fault::Kind::too_big);
}

TEST(JabberRpc, reading_has_a_limit_of_its_own) {
  const auto text = [](size_t levels) {
    std::string out = "<value/>";
    for (size_t i = 1; i < levels; ++i) out = "<value><array><data>" + out + "</data></array></value>";
    return out;
  };
  xml::ScanLimits wide;
  wide.depth_max = 1000;
  std::string why;
  auto edge = xml::parse(text(limits::value_depth_max), ns, wide);
  auto beyond = xml::parse(text(limits::value_depth_max + 1), ns, wide);
  ASSERT_TRUE(edge && beyond);
  EXPECT_TRUE(read_value(*edge, why));
  EXPECT_FALSE(read_value(*beyond, why));
  EXPECT_EQ(why, "values nest too deep");
}

}  // namespace
}  // namespace xbus::jabber_rpc
