// What one client may put on its stream must not break another's: the receiver's whole stream is
// read by expat, whatever stood on the sender's header (design D6).
#include <expat.h>
#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

// Reads a whole stream with namespaces on; the first-level elements as "{ns}name".
struct Reading {
  explicit Reading(std::string_view bytes) {
    XML_Parser parser = XML_ParserCreateNS("UTF-8", ' ');
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, on_start, on_end);
    if (XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), 0) != XML_STATUS_OK) {
      error = std::string(XML_ErrorString(XML_GetErrorCode(parser))) + " at byte " +
              std::to_string(XML_GetCurrentByteIndex(parser));
    }
    XML_ParserFree(parser);
  }
  static void on_start(void* self, const char* name, const char**) {
    auto& reading = *static_cast<Reading*>(self);
    if (++reading.depth == 2) reading.elements.emplace_back(name);
    if (reading.depth > 2) reading.inner.emplace_back(name);
  }
  static void on_end(void* self, const char*) { --static_cast<Reading*>(self)->depth; }

  std::string error;
  std::vector<std::string> elements, inner;
  int depth = 0;
};

struct Attack {
  const char* what;
  std::string header;
  std::string stanza;
  std::vector<std::string> inner;  // what expat must find inside, with namespaces
};

std::string header(std::string_view more = {}, std::string_view prefix = "stream") {
  std::string p(prefix);
  return "<" + p + ":stream xmlns='jabber:client' xmlns:" + p +
         "='http://etherx.jabber.org/streams' " + std::string(more) +
         " to='localhost' version='1.0'>";
}

std::vector<Attack> attacks() {
  return {
      {"a prefix from the header",
       header("xmlns:p='urn:p'"),
       "<message to='bob@localhost/b'><p:x p:y='1'/></message>",
       {"urn:p x"}},
      {"a prefix on an attribute only",
       header("xmlns:p='urn:p'"),
       "<message to='bob@localhost/b'><x xmlns='urn:x' p:y='1'/></message>",
       {"urn:x x"}},
      {"a prefix on the stanza's own attribute",
       header("xmlns:p='urn:p'"),
       "<message p:from='eve' p:to='x' to='bob@localhost/b'/>",
       {}},
      {"a renamed stream prefix",
       header({}, "s"),
       "<message to='bob@localhost/b'><s:features/></message>",
       {"http://etherx.jabber.org/streams features"}},
      {"the prefix stream meaning something else",
       header("xmlns:stream='urn:other'", "s"),
       "<message to='bob@localhost/b'><stream:error/></message>",
       {"urn:other error"}},
      {"a prefix declared again inside",
       header("xmlns:p='urn:p'"),
       "<message to='bob@localhost/b'><x xmlns='urn:x' "
       "xmlns:p='urn:inner'><p:y/></x><p:z/></message>",
       {"urn:x x", "urn:inner y", "urn:p z"}},
      {"a stanza with a prefix",
       "<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' to='localhost' "
       "version='1.0'>",
       "<c:message to='bob@localhost/b'><c:body>x</c:body><y xmlns='urn:y'/></c:message>",
       {"jabber:client body", "urn:y y"}},
      {"a language on the header",
       header("xml:lang='x-&quot;&apos;&lt;'"),
       "<message to='bob@localhost/b'><body>x</body></message>",
       {"jabber:client body"}},
      {"a namespace name that needs escaping",
       header("xmlns:p='urn:&quot;&apos;&lt;&amp;'"),
       "<message to='bob@localhost/b'><p:x/></message>",
       {"urn:\"'<& x"}},
      {"nested forwarded stanzas",
       header(),
       "<message to='bob@localhost/b'><forwarded xmlns='urn:xmpp:forward:0'><message "
       "xmlns='jabber:client' "
       "from='eve@x'><body>&lt;/stream:stream&gt;</body><forwarded xmlns='urn:xmpp:forward:0'><iq "
       "xmlns='jabber:client'/></forwarded></message></forwarded></message>",
       {"urn:xmpp:forward:0 forwarded", "jabber:client message", "jabber:client body",
        "urn:xmpp:forward:0 forwarded", "jabber:client iq"}},
      {"CDATA that looks like the end",
       header(),
       "<message "
       "to='bob@localhost/b'><body><![CDATA[</message></stream:stream>]]></body></message>",
       {"jabber:client body"}},
      {"an attribute that looks like the end",
       header(),
       "<message to='bob@localhost/b' id='>&lt;/stream:stream>'><body>x</body></message>",
       {"jabber:client body"}},
      {"quotes around the address",
       header(),
       "<message from=\"it's\" to=\"bob@localhost/b\"><body>x</body></message>",
       {"jabber:client body"}},
      {"the content namespace declared again",
       header(),
       "<message xmlns='jabber:client' to='bob@localhost/b'><body "
       "xmlns='jabber:client'>x</body></message>",
       {"jabber:client body"}},
  };
}

TEST(HostileRelay, no_stanza_breaks_the_receivers_stream) {
  for (const Attack& attack : attacks()) {
    SCOPED_TRACE(attack.what);
    Bus bus;
    Actor bob(bus, "bob");
    bob.login("b");
    Actor eve(bus, "eve");
    eve.login("e'\"<&", attack.header);
    eve.send(attack.stanza);
    // Something after it still arrives as a stanza of its own.
    Actor ann(bus, "ann");
    ann.login("a");
    ann.send("<message to='bob@localhost/b'><subject>after</subject></message>");
    std::string stream = bob.all();
    Reading reading(stream);
    EXPECT_EQ(reading.error, "") << stream;
    ASSERT_GE(reading.elements.size(), 2u) << stream;
    EXPECT_EQ(reading.elements[reading.elements.size() - 2], "jabber:client message") << stream;
    EXPECT_EQ(reading.elements.back(), "jabber:client message");
    EXPECT_EQ(reading.depth, 1);
    std::vector<std::string> inner(
        reading.inner.end() - static_cast<std::ptrdiff_t>(attack.inner.size()) - 1,
        reading.inner.end() - 1);
    EXPECT_EQ(inner, attack.inner) << stream;
    auto got = bob.stanzas();
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].attr_or("from", ""), "eve@localhost/e'\"<&");
  }
}

TEST(HostileRelay, names_of_the_fifth_edition_alone_do_not_pass) {
  // U+037F is a name character in the fifth edition of XML 1.0 and in no earlier one.
  for (std::string name : {std::string("\xCD\xBF"), std::string("a\xE2\x81\xB0")}) {
    Bus bus;
    Actor bob(bus, "bob"), eve(bus, "eve");
    bob.login("b");
    eve.login("e");
    eve.send("<message to='bob@localhost/b'><" + name + " xmlns='urn:x'/></message>");
    EXPECT_TRUE(eve.closed());
    EXPECT_THAT(bob.stanzas(), testing::IsEmpty());
    EXPECT_EQ(Reading(bob.all()).error, "");
  }
}

TEST(HostileRelay, smuggled_bytes_reach_nobody) {
  for (const char* bytes : {"<message to='bob@localhost/b'><body>&#0;</body></message>",
                            "<message to='bob@localhost/b'><body>\xC0\xAF</body></message>",
                            "<message to='bob@localhost/b'><!-- x --></message>",
                            "<message to='bob@localhost/b'><?php ?></message>",
                            "<message to='bob@localhost/b'><p:x/></message>",
                            "<message to='bob@localhost/b' to='ann@localhost'/>",
                            "<message to='bob@localhost/b'><body>]]></body></message>",
                            "<message to='bob@localhost/b'><a></b></message>",
                            "<!DOCTYPE x [<!ENTITY y 'z'>]><message to='bob@localhost/b'/>"}) {
    SCOPED_TRACE(bytes);
    Bus bus;
    Actor bob(bus, "bob"), eve(bus, "eve");
    bob.login("b");
    eve.login("e");
    eve.send(bytes);
    EXPECT_TRUE(eve.closed());
    EXPECT_THAT(bob.stanzas(), testing::IsEmpty());
  }
}

TEST(HostileRelay, a_split_at_every_byte_changes_nothing) {
  for (const Attack& attack : attacks()) {
    SCOPED_TRACE(attack.what);
    std::string whole;
    for (size_t split = 0; split <= attack.stanza.size(); ++split) {
      Bus bus;
      Actor bob(bus, "bob"), eve(bus, "eve");
      bob.login("b");
      eve.login("e", attack.header);
      bob.bytes();
      eve.send(attack.stanza.substr(0, split));
      EXPECT_TRUE(split == attack.stanza.size() || bob.bytes().empty());
      eve.send(attack.stanza.substr(split));
      std::string got = bob.bytes();
      if (split == 0) whole = got;
      ASSERT_EQ(got, whole) << split;
      if (split == attack.stanza.size()) break;
    }
  }
}

}  // namespace
}  // namespace xbus::server
