#include "services/xbus/sighting.hpp"

#include <gmock/gmock.h>

#include "bus/limits.hpp"
#include "bus/xmpp/datetime.hpp"
#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

xml::Element element(std::string_view text) {
  auto parsed = xml::parse(text, xml::ns_client);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : xml::Element();
}

Sighting at(std::string_view time, std::string_view stanza) {
  return {*xmpp::parse_datetime("2026-01-01T" + std::string(time) + "Z"), element(stanza), {}};
}

const Terminal plain{};

std::string line(std::string_view stanza) { return sighting_line(at("00:00:00", stanza), plain); }
std::string json(std::string_view stanza) {
  return json_text(sighting_value(at("00:00:00", stanza)));
}

constexpr std::string_view call =
    "<iq type='set' id='1' from='ann@localhost/a' to='calc@services.localhost'><query "
    "xmlns='jabber:iq:rpc'><methodCall><methodName>add</methodName><params><param><value><int>2"
    "</int></value></param><param><value>two</value></param></params></methodCall></query></iq>";
constexpr std::string_view answer =
    "<iq type='result' id='1' from='calc@services.localhost' to='ann@localhost/a'><query "
    "xmlns='jabber:iq:rpc'><methodResponse><params><param><value><int>4</int></value></param>"
    "</params></methodResponse></query></iq>";

TEST(Sighting, a_call_and_its_answer) {
  Requests requests;
  Sighting asked = at("12:34:56.007", call), answered = at("12:34:56.0195", answer);
  requests.see(asked);
  EXPECT_EQ(requests.open(), 1u);
  requests.see(answered);
  EXPECT_EQ(requests.open(), 0u);
  EXPECT_EQ(sighting_line(asked, plain),
            "12:34:56.007 iq set ann@localhost/a -> calc@services.localhost add(2, \"two\")\n");
  EXPECT_EQ(sighting_line(answered, plain),
            "12:34:56.019 iq result calc@services.localhost -> ann@localhost/a = 4 12.5 ms\n");
  EXPECT_EQ(json_text(sighting_value(answered)),
            R"({"time":"2026-01-01T12:34:56.019500Z","kind":"iq","type":"result",)"
            R"("from":"calc@services.localhost","to":"ann@localhost/a","id":"1",)"
            R"("payload":"jabber:iq:rpc","name":"query","value":4,"milliseconds":12.5})");
  EXPECT_THAT(json_text(sighting_value(asked)),
              HasSubstr(R"("method":"add","arguments":[2,"two"])"));
}

TEST(Sighting, an_answer_belongs_to_who_was_asked) {
  Requests requests;
  Sighting asked = at("00:00:00", "<iq type='get' id='1' from='a@h/r'><q xmlns='u'/></iq>");
  requests.see(asked);
  for (const char* other : {"<iq type='result' id='1' from='b@h' to='a@h/r'/>",
                            "<iq type='result' id='2' from='a@h' to='a@h/r'/>",
                            "<iq type='result' id='1' from='a@h' to='a@h/s'/>"}) {
    Sighting wrong = at("00:00:01", other);
    requests.see(wrong);
    EXPECT_FALSE(wrong.took) << other;
  }
  Sighting right = at("00:00:01", "<iq type='result' id='1' from='a@h' to='a@h/r'/>");
  requests.see(right);
  EXPECT_EQ(right.took, std::chrono::seconds(1));
}

TEST(Sighting, D10_so_many_requests_are_remembered) {
  Requests requests;
  for (size_t i = 0; i <= limits::pending_calls_max; ++i) {
    Sighting asked{Timestamp(), xml::Element("iq", xml::ns_client)};
    asked.stanza.set("type", "get").set("id", std::to_string(i)).set("from", "a@h/r");
    requests.see(asked);
  }
  EXPECT_EQ(requests.open(), limits::pending_calls_max);
}

TEST(Sighting, what_is_in_a_stanza) {
  EXPECT_EQ(line("<message type='chat' from='a@h/r' to='b@h'><body>hi \"you\"</body></message>"),
            "00:00:00.000 message chat a@h/r -> b@h \"hi \\\"you\\\"\"\n");
  EXPECT_EQ(line("<presence from='a@h/r'><show>dnd</show><status>busy</status></presence>"),
            "00:00:00.000 presence a@h/r -> - dnd \"busy\"\n");
  EXPECT_EQ(line("<presence from='a@h/r' to='c@h'><c xmlns='urn:c'/></presence>"),
            "00:00:00.000 presence a@h/r -> c@h c urn:c\n");
  EXPECT_EQ(line("<iq type='get' id='1' from='a@h/r'><ping xmlns='urn:xmpp:ping'/></iq>"),
            "00:00:00.000 iq get a@h/r -> - ping urn:xmpp:ping\n");
  EXPECT_EQ(line("<iq type='result' id='1' to='a@h/r'/>"), "00:00:00.000 iq result - -> a@h/r\n");
  EXPECT_EQ(line("<iq type='error' id='1' from='b@h' to='a@h/r'><error type='cancel'><gone "
                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>left</text></error></iq>"),
            "00:00:00.000 iq error b@h -> a@h/r gone: left\n");
  EXPECT_EQ(line("<iq type='set' id='1' from='a@h/r'><omitted xmlns='urn:xbus:monitor:0' "
                 "reason='secret' ns='urn:xbus:admin:0' name='add'/></iq>"),
            "00:00:00.000 iq set a@h/r -> - add urn:xbus:admin:0 (left out: secret)\n");
  const std::string fault =
      "<iq type='result' id='1' from='b@h' to='a@h/r'><query "
      "xmlns='jabber:iq:rpc'><methodResponse><fault><value><struct><member><name>faultCode</name>"
      "<value><int>-32601</int></value></member><member><name>faultString</name><value>none such"
      "</value></member></struct></value></fault></methodResponse></query></iq>";
  EXPECT_THAT(line(fault), HasSubstr("no-such-method: none such"));
  EXPECT_THAT(json(fault), HasSubstr(R"("fault":{"kind":"no-such-method","code":-32601)"));
  // What calls itself a call and is none.
  EXPECT_THAT(line("<iq type='set' id='1' from='a@h/r'><query xmlns='jabber:iq:rpc'/></iq>"),
              HasSubstr("query jabber:iq:rpc"));
}

TEST(Sighting, nothing_in_it_acts_on_a_terminal) {
  const std::string hostile =
      "<message from='a@h/&#x9b;31m' to='b@h'><body>&#x9b;2J\xe2\x80\xae\xc2\x85 \n x</body>"
      "<x xmlns='urn:&#x9b;2K'/></message>";
  Terminal person = plain;
  person.person = true;
  person.width = 60;
  const Sighting sighting = at("00:00:00", hostile);
  for (const std::string& shown :
       {sighting_line(sighting, plain), sighting_line(sighting, person),
        sighting_xml(sighting, plain), json_text(sighting_value(sighting))}) {
    EXPECT_THAT(shown, Not(HasSubstr("\xc2\x9b"))) << shown;
    EXPECT_THAT(shown, Not(HasSubstr("\xc2\x85"))) << shown;
    EXPECT_THAT(shown, Not(HasSubstr("\xe2\x80\xae"))) << shown;
  }
  // One line, whatever is in it.
  EXPECT_EQ(line(hostile).find('\n'), line(hostile).size() - 1);
}

TEST(Sighting, a_line_of_a_person_fits_and_the_whole_is_an_element_a_line) {
  Terminal person;
  person.person = true;
  person.width = 60;
  const std::string text =
      sighting_line(at("00:00:00", "<message from='a@h' to='b@h'><body>" + std::string(500, 'x') +
                                       "</body></message>"),
                    person);
  EXPECT_LE(text.size(), 64u);
  EXPECT_THAT(text, HasSubstr("xxx\xe2\x80\xa6"));
  EXPECT_EQ(
      sighting_xml(at("00:00:00", "<iq type='get' id='1'><a xmlns='u'><b>c</b></a></iq>"), plain),
      "00:00:00.000\n<iq type='get' id='1'>\n  <a xmlns='u'>\n    <b>c</b>\n  </a>\n</iq>\n");
}

}  // namespace
}  // namespace xbus::cli
