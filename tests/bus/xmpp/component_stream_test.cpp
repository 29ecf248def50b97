#include "bus/xmpp/component_stream.hpp"

#include <gtest/gtest.h>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "tests/bus/xmpp/stream_subjects.hpp"

namespace xbus::xmpp::testing {
namespace {

MakeSubject component() {
  return [] { return std::make_unique<ComponentSubject>("plays.example.org", "secret"); };
}
MakeSubject accept() {
  return [] { return std::make_unique<AcceptSubject>(); };
}

const std::string open =
    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
    "xmlns='jabber:component:accept' ";
// The id is escaped on the wire and hashed as it means (COMP-01).
const std::string their_header = open + "from='plays.example.org' id='3BF&amp;96D32'>";

std::string handshake(const std::string& id, const std::string& secret = "secret") {
  return "<handshake>" + crypto::hex_encode(crypto::digest(crypto::Hash::sha1, id + secret)) +
         "</handshake>";
}

const std::string to_handshake =
    "do: start\nC: {component-open}\nS: " + their_header + "\nC: " + handshake("3BF&96D32") + "\n";
const std::string to_established =
    to_handshake + "S: <handshake/>\nis: established plays.example.org\n";

TEST(ComponentStream, COMP_01_handshake) {
  play(component(), 'S',
       to_established +
           "S: <message from='a@b' to='plays.example.org'/>\n"
           "is: deliver <message from='a@b' to='plays.example.org'/>\n"
           "S: <other xmlns='urn:x'/>\n"
           "do: end\n"
           "C: {close}\n"
           "S: <presence/>{close}\n"
           "is: deliver <presence/>\n"
           "is: close\n");
}

TEST(ComponentStream, COMP_01_refused) {
  play(component(), 'S',
       to_handshake +
           "S: {error not-authorized}\n"
           "C: {close}\nis: failed wrong_credentials not-authorized\nis: close\n");
  play(component(), 'S',
       to_handshake +
           "S: {error conflict}\n"
           "C: {close}\nis: failed stream_error [conflict] conflict\nis: close\n");
  play(component(), 'S',
       "do: start\nC: {component-open}\nS: " + open +
           ">{error host-unknown}\n"
           "C: {close}\nis: failed stream_error [host-unknown] host-unknown\nis: close\n");
  play(component(), 'S',
       to_established +
           "S: {error system-shutdown|bye}\n"
           "C: {close}\nis: failed stream_error [system-shutdown] bye\nis: close\n");
  play(component(), 'S',
       to_established +
           "S: {close}\n"
           "C: {close}\nis: failed closed the server closed the stream\nis: close\n");
}

TEST(ComponentStream, stream_error_generate_bad_servers) {
  play(component(), 'S',
       "do: start\nC: {component-open}\nS: {s-open}\n"
       "C: {error invalid-namespace|content namespace is not jabber:component:accept}\n"
       "is: failed protocol [invalid-namespace] content namespace is not jabber:component:accept\n"
       "is: close\n");
  play(component(), 'S',
       to_handshake +
           "S: <iq type='get' id='1'/>\n"
           "C: {error unsupported-stanza-type}\n"
           "is: failed protocol [unsupported-stanza-type] unsupported-stanza-type\nis: close\n");
  play(component(), 'S',
       to_established +
           "S: <!-- -->\n"
           "C: {error restricted-xml}\n"
           "is: failed protocol [restricted-xml] restricted-xml\nis: close\n");
}

TEST(ComponentAcceptStream, COMP_02_headers) {
  const auto refused = [](const std::string& header, const std::string& error) {
    SCOPED_TRACE(header);
    play(accept(), 'C',
         "C: " + header +
             "\n"
             "S: <?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
             "xmlns:stream='http://etherx.jabber.org/streams' id='*'>{error " +
             error +
             "}\n"
             "is: close\n");
  };
  refused(open + "to='other.example.org'>", "host-unknown");
  refused(open + ">", "host-unknown");
  refused(open + "to='a@plays.example.org'>", "host-unknown");
  refused("{c-open}", "invalid-namespace|content namespace is not jabber:component:accept");
  refused("text", "not-well-formed");
}

// The id is random, so these speak to the machine itself.
struct Accepted {
  Accepted() {
    hear(open + "to='Plays.example.org'>");
    header = subject.take().at(0);
    const size_t begin = header.find(" id='") + 5;
    id = header.substr(begin, header.find('\'', begin) - begin);
  }
  void hear(const std::string& text) { subject.on_bytes(expanded(text)); }
  AcceptSubject subject;
  std::string header, id;
};

using Lines = std::vector<std::string>;

TEST(ComponentAcceptStream, COMP_01_handshake) {
  Accepted server;
  EXPECT_TRUE(matches("say " + expanded("{accept-open}"), server.header)) << server.header;
  server.hear(handshake(server.id));
  EXPECT_EQ(server.subject.take(), (Lines{"is attach plays.example.org", "say <handshake/>"}));
  EXPECT_TRUE(server.subject.machine.established());
  EXPECT_EQ(server.subject.machine.jid().str(), "plays.example.org");
  server.hear(" <message from='plays.example.org' to='a@b'/>");
  EXPECT_EQ(server.subject.take(),
            Lines{"is deliver <message from='plays.example.org' to='a@b'/>"});
  server.hear("{close}");
  EXPECT_EQ(server.subject.take(), (Lines{"say </stream:stream>", "is close"}));
}

TEST(ComponentAcceptStream, COMP_01_wrong_secret_second_connection_and_no_handshake) {
  const auto after = [](const std::string& event, auto&& text_of) {
    Accepted server;
    if (!event.empty()) server.subject.happen(event);
    server.hear(text_of(server.id));
    return server.subject.take().back() == "is close" && server.subject.closed();
  };
  Accepted wrong;
  wrong.hear(handshake(wrong.id, "Secret"));
  EXPECT_EQ(wrong.subject.take(), (Lines{"say " + expanded("{error not-authorized}"), "is close"}));
  Accepted upper;
  upper.hear("<handshake>ABCDEF</handshake>");
  EXPECT_EQ(upper.subject.take(), (Lines{"say " + expanded("{error not-authorized}"), "is close"}));
  Accepted twice;
  twice.subject.happen("taken");
  twice.hear(handshake(twice.id));
  EXPECT_EQ(twice.subject.take(), (Lines{"is attach plays.example.org",
                                         "say " + expanded("{error conflict}"), "is close"}));
  EXPECT_TRUE(after("", [](const std::string&) { return "<message/>"; }));
  EXPECT_TRUE(after("timeout", [](const std::string&) { return ""; }));
}

TEST(ComponentAcceptStream, CORE_49_limits_before_and_after_the_handshake) {
  const std::string big =
      "<message><body>" + std::string(limits::prelogin_stanza_bytes_max, 'x') + "</body></message>";
  Accepted early;
  early.hear(big);
  EXPECT_EQ(early.subject.take(),
            (Lines{"say " + expanded("{error policy-violation|element too big}"), "is close"}));
  Accepted late;
  late.hear(handshake(late.id));
  late.subject.take();
  late.hear(big);
  EXPECT_EQ(late.subject.take(), Lines{"is deliver " + big});
  late.hear("<foo/>");
  EXPECT_EQ(late.subject.take(),
            (Lines{"say " + expanded("{error unsupported-stanza-type}"), "is close"}));
}

TEST(ComponentAcceptStream, CORE_08_the_server_ends) {
  play(accept(), 'C',
       "do: end\n"
       "S: <?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
       "xmlns:stream='http://etherx.jabber.org/streams' id='*'>{close}\n"
       "C: {close}\nis: close\n");
  play(accept(), 'C',
       "C: {component-open}\nS: {accept-open}\n"
       "do: end system-shutdown\nS: {error system-shutdown}\nis: close\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
