// RFC 6120 section 15 and RFC 6121 section 12, the server's part in stanzas, as tables: each test has the feature's
// name. What waits for federation is listed in not_yet.txt.
#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

// One stanza of Ann's and who hears what of it: stanzas as text, or errors by their condition.
struct Row {
  const char* said;
  std::vector<std::string> bob = {}, ann = {};
};

std::vector<std::string> heard(Actor& actor) {
  std::vector<std::string> out;
  for (const auto& stanza : actor.stanzas())
    out.push_back(stanza.attr_or("type", "") == "error"
                      ? std::string(stanza.name()) + " " + condition_of(stanza) + " " +
                            std::string(stanza.attr_or("id", "-"))
                      : xml::write(stanza, xml::ns_client));
  return out;
}

void play(const std::vector<Row>& rows) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a", "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                 "to='localhost' version='1.0' xml:lang='it'>");
  bob.appear("b");
  for (const auto& row : rows) {
    SCOPED_TRACE(row.said);
    ann.send(row.said);
    EXPECT_EQ(heard(bob), row.bob);
    EXPECT_EQ(heard(ann), row.ann);
    ASSERT_FALSE(ann.closed());
  }
}

TEST(Conformance, stanza_kind_message) {
  play({{"<message to='bob@localhost/b'/>",
         {"<message from='ann@localhost/a' xml:lang='it' to='bob@localhost/b'/>"}}});
}

TEST(Conformance, stanza_kind_presence) {
  play({{"<presence to='bob@localhost/b'/>",
         {"<presence from='ann@localhost/a' xml:lang='it' to='bob@localhost/b'/>"}}});
}

TEST(Conformance, stanza_kind_iq) {
  play({{"<iq type='get' id='1' to='bob@localhost/b'><q xmlns='urn:q'/></iq>",
         {"<iq from='ann@localhost/a' xml:lang='it' type='get' id='1' to='bob@localhost/b'>"
          "<q xmlns='urn:q'/></iq>"}},
        {"<iq type='get' id='2' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
         {},
         {"<iq type='result' id='2' to='ann@localhost/a' from='localhost'/>"}}});
}

TEST(Conformance, stanza_attribute_to) {
  // Nobody there, no address at all, one that is none, and a domain elsewhere.
  play({{"<iq type='get' id='1' to='bob@localhost/gone'><q xmlns='urn:q'/></iq>",
         {},
         {"iq service-unavailable 1"}},
        {"<iq type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>",
         {},
         {"<iq type='result' id='2' to='ann@localhost/a' from='ann@localhost'/>"}},
        {"<message id='3' to='@localhost'/>", {}, {"message jid-malformed 3"}},
        {"<message id='4' to='bob@example.net'/>", {}, {"message remote-server-not-found 4"}}});
}

TEST(Conformance, stanza_attribute_from_stamp) {
  // Absent, true, bare and false: the receiver sees who it was.
  const std::string stamped = "<message from='ann@localhost/a' xml:lang='it' to='bob@localhost/b'/>";
  play({{"<message to='bob@localhost/b'/>", {stamped}},
        {"<message from='ann@localhost/a' to='bob@localhost/b'/>", {stamped}},
        {"<message from='ann@localhost' to='bob@localhost/b'/>", {stamped}},
        {"<message from='bob@localhost/b' to='bob@localhost/b'/>", {stamped}},
        {"<message from='localhost' to='bob@localhost/b'/>", {stamped}},
        {"<message from='@' to='bob@localhost/b'/>", {stamped}}});
}

TEST(Conformance, stanza_attribute_from) {
  // On what the server itself says too.
  play({{"<iq type='get' id='1' to='localhost'><nothing xmlns='urn:x'/></iq>", {}, {"iq service-unavailable 1"}},
        {"<iq type='get' id='2' to='bob@localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
         {},
         {"<iq type='result' id='2' to='ann@localhost/a' from='bob@localhost'/>"}}});
}

TEST(Conformance, stanza_attribute_id) {
  // Carried as it is, whatever it holds, and given back with answer and error.
  play({{"<message id='&lt;&apos;x' to='bob@localhost/b'/>",
         {"<message from='ann@localhost/a' xml:lang='it' id='&lt;&apos;x' to='bob@localhost/b'/>"}},
        {"<iq type='get' id='&lt;2' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
         {},
         {"<iq type='result' id='&lt;2' to='ann@localhost/a' from='localhost'/>"}},
        {"<iq type='get' id='&lt;3' to='localhost'><nothing xmlns='urn:x'/></iq>",
         {},
         {"iq service-unavailable <3"}}});
}

TEST(Conformance, stanza_attribute_type) {
  // An unknown type of message is normal, of presence an error, of iq one too (RFC 6121 section 5.2.2, RFC 6120
  // section 8.2.3).
  play({{"<message type='shout' to='bob@localhost/b'/>",
         {"<message from='ann@localhost/a' xml:lang='it' type='shout' to='bob@localhost/b'/>"}},
        {"<presence id='2' type='hiding' to='bob@localhost'/>", {}, {"presence bad-request 2"}},
        {"<iq id='3' type='do' to='bob@localhost/b'><q xmlns='urn:q'/></iq>", {}, {"iq bad-request 3"}}});
}

TEST(Conformance, stanza_attribute_xmllang) {
  // The stanza's own stays; where it has none, the stream's is stamped on (section 8.1.5).
  play({{"<message xml:lang='fr' to='bob@localhost/b'><body xml:lang='de'>x</body></message>",
         {"<message from='ann@localhost/a' xml:lang='fr' to='bob@localhost/b'><body xml:lang='de'>x</body>"
          "</message>"}},
        {"<message to='bob@localhost/b'/>",
         {"<message from='ann@localhost/a' xml:lang='it' to='bob@localhost/b'/>"}}});
}

TEST(Conformance, stanza_extension) {
  // What the server does not know it passes on, whole; what is asked of itself it refuses.
  play({{"<message to='bob@localhost/b'><x xmlns='urn:unknown'><y/></x></message>",
         {"<message from='ann@localhost/a' xml:lang='it' to='bob@localhost/b'><x xmlns='urn:unknown'><y/></x>"
          "</message>"}},
        {"<presence to='bob@localhost/b'><x xmlns='urn:unknown'/></presence>",
         {"<presence from='ann@localhost/a' xml:lang='it' to='bob@localhost/b'><x xmlns='urn:unknown'/>"
          "</presence>"}},
        {"<iq type='set' id='1' to='localhost'><x xmlns='urn:unknown'/></iq>",
         {},
         {"iq service-unavailable 1"}}});
}

TEST(Conformance, stanza_iq_child) {
  play({{"<iq type='get' id='1' to='bob@localhost/b'/>", {}, {"iq bad-request 1"}},
        {"<iq type='set' id='2' to='bob@localhost/b'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
         {},
         {"iq bad-request 2"}},
        {"<iq type='get' id='3' to='bob@localhost/b'>text</iq>", {}, {"iq bad-request 3"}},
        // An answer is never answered, whatever is wrong with it.
        {"<iq type='result' id='4' to='bob@localhost/b'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>"},
        {"<iq type='result' id='5' to='bob@localhost/b'/>",
         {"<iq from='ann@localhost/a' xml:lang='it' type='result' id='5' to='bob@localhost/b'/>"}}});
}

TEST(Conformance, stanza_iq_id) {
  // "If the generated stanza was <iq/> then the error stanza MUST include an 'id' attribute", which is to "be empty if
  // the generated stanza did not include an 'id' attribute" (RFC 6120 section 8.3.1).
  play({{"<iq type='get' to='bob@localhost/b'><q xmlns='urn:q'/></iq>", {}, {"iq bad-request "}}});
}

TEST(Conformance, stanza_iq_type) {
  play({{"<iq id='1' to='bob@localhost/b'><q xmlns='urn:q'/></iq>", {}, {"iq bad-request 1"}},
        {"<iq id='2' type='' to='bob@localhost/b'><q xmlns='urn:q'/></iq>", {}, {"iq bad-request 2"}},
        {"<iq id='3' type='GET' to='bob@localhost/b'><q xmlns='urn:q'/></iq>", {}, {"iq bad-request 3"}}});
}

}  // namespace
}  // namespace xbus::server
