// RFC 6120 section 15, the features of streams and of XML, as tables: each test has the feature's name. Those of
// stanzas are in tests/bus/server and tests/bus/client, those of TLS and names in tests/bus/net.
#include <gtest/gtest.h>

#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

MakeSubject local_client() {
  return [] {
    return std::make_unique<ClientSubject>(ClientStreamOptions{
        .domain = "example.org", .tls = ClientStreamOptions::Tls::never, .external = true});
  };
}

const std::string client_to_login =
    "do: start\n"
    "C: {c-open}\n"
    "S: {s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism>"
    "</mechanisms></stream:features>\n"
    "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n";
const std::string client_to_bind = client_to_login +
                                   "S: <success xmlns='{sasl}'/>\n"
                                   "C: {c-open}\n"
                                   "S: {s-open}{late-features}\n"
                                   "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n";

// What may not stand in a stream, and the end it meets at either side, whatever was said before.
void is_refused(const std::vector<std::string>& texts, const std::string& condition) {
  for (const auto& text : texts) {
    SCOPED_TRACE(text);
    const std::string end = "S: {error " + condition + "}\nis: close\n";
    play_server(unix_socket(), to_unix + "C: " + text + "\n" + end);
    play_server(unix_socket(), to_established + "C: " + text + "\n" + end);
    const std::string client_end = "C: {error " + condition + "}\nis: failed protocol [" + condition +
                                   "] " + condition + "\nis: close\n";
    play(local_client(), 'S', client_to_login + "S: " + text + "\n" + client_end);
    play(local_client(), 'S', client_to_bind + "S: " + text + "\n" + client_end);
  }
}

TEST(Conformance, xml_restriction_comment) {
  is_refused({"<!-- x -->", "<message><!-- x --></message>", "<message><body>a<!--b--></body></message>"},
             "restricted-xml");
}

TEST(Conformance, xml_restriction_dtd) {
  is_refused({"<!DOCTYPE message>", "<!DOCTYPE m [<!ENTITY a 'b'>]>", "<message><!ELEMENT a ANY></message>"},
             "restricted-xml");
}

TEST(Conformance, xml_restriction_pi) {
  is_refused({"<?target data?>", "<message><?target?></message>",
              "<message><body><?xml-stylesheet href='x'?></body></message>"},
             "restricted-xml");
}

TEST(Conformance, xml_restriction_ref) {
  is_refused({"<message><body>&copy;</body></message>", "<message id='&nbsp;'/>", "<message>&x;</message>"},
             "restricted-xml");
  // The five that XML itself has, and characters by number, are no such references.
  play_server(unix_socket(), to_established +
                                 "C: <message id='&quot;&apos;'>&amp;&lt;&gt;&#65;&#x41;</message>\n"
                                 "is: deliver <message id='&quot;&apos;'>&amp;&lt;&gt;&#65;&#x41;</message>\n");
}

TEST(Conformance, xml_wellformed_xml) {
  is_refused({"<message></presence>", "<message a='1' a='2'/>", "<message a=1/>", "<message><</message>",
              "<message>]]></message>", "<1/>", "<message a='<'/>", "<message>\x01</message>",
              "<message>&</message>", "<message>&#0;</message>"},
             "not-well-formed");
}

TEST(Conformance, xml_wellformed_ns) {
  is_refused({"<message><x:a/></message>", "<message x:a='1'/>", "<x:message/>",
              "<message xmlns:xml='urn:other'/>", "<message xmlns:xmlns='urn:x'/>", "<message xmlns:x=''/>",
              "<message xmlns:a='urn:x' xmlns:b='urn:x' a:c='1' b:c='2'/>", "<message><a:b:c/></message>"},
             "not-well-formed");
}

TEST(Conformance, stream_attribute_initial_to) {
  // Sent by the client in each header it says, and demanded by the server.
  play(local_client(), 'S', client_to_login);
  play_server(unix_socket(),
              "C: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
              "version='1.0'>\n"
              "S: {s-open}{error improper-addressing|the header has no to}\nis: close\n");
}

TEST(Conformance, stream_attribute_initial_from) {
  // Who it is stands in the client's header as soon as nobody else can read it, and not before (section 4.7.1).
  const auto alice = [] {
    return std::make_unique<ClientSubject>(
        ClientStreamOptions{.domain = "example.org", .account = "alice", .password = "secret"});
  };
  play(alice, 'S',
       "do: start\n"
       "C: {c-open}\n"
       "S: {s-open}<stream:features><starttls xmlns='{tls}'><required/></starttls></stream:features>\n"
       "C: <starttls xmlns='{tls}'/>\n"
       "S: <proceed xmlns='{tls}'/>\n"
       "is: start_tls\n"
       "do: secured\n"
       "C: {c-open-from}\n");
}

TEST(Conformance, stream_attribute_initial_lang) {
  const auto german = [] {
    return std::make_unique<ClientSubject>(ClientStreamOptions{
        .domain = "example.org", .lang = "de", .tls = ClientStreamOptions::Tls::never, .external = true});
  };
  play(german, 'S',
       "do: start\n"
       "C: <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
       "xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0' xml:lang='de'>\n");
}

TEST(Conformance, stream_attribute_response_to) {
  // The bare JID of the initial header's `from`; without one there is none.
  play_server(unix_socket(), "C: {c-open-from}\nS: {s-open-to}" + unix_features + "\n");
  play_server(unix_socket(), "C: {c-open}\nS: {s-open}" + unix_features + "\n");
}

TEST(Conformance, tls_correlate) {
  // The certificate was for the domain asked for; a header that says another domain behind it is refused.
  const auto secured = [] {
    return std::make_unique<ClientSubject>(ClientStreamOptions{.domain = "example.org",
                                                               .account = "alice",
                                                               .password = "secret",
                                                               .tls = ClientStreamOptions::Tls::done});
  };
  play(secured, 'S',
       "do: secured\n"
       "do: start\n"
       "C: {c-open-from}\n"
       "S: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
       "from='example.net' id='x' version='1.0'><stream:features/>\n"
       "C: {error invalid-from|not the domain that was asked for}\n"
       "is: failed protocol [invalid-from] not the domain that was asked for\n"
       "is: close\n");
}

TEST(Conformance, sasl_mtn) {
  // No other step before it, at either side.
  for (const char* early : {"<message to='bob@example.org'/>", "<presence/>",
                            "<iq type='set' id='1'><bind xmlns='{bind}'/></iq>"})
    play_server(unix_socket(), to_unix + "C: " + early + "\nS: {error not-authorized}\nis: close\n");
  play(local_client(), 'S',
       "do: start\nC: {c-open}\n"
       "S: {s-open}<stream:features><bind xmlns='{bind}'/></stream:features>\n"
       "C: {close}\nis: failed no_common_mechanism offered:\nis: close\n");
}

TEST(Conformance, bind_restart) {
  // The stream in which the resource was bound is the one that goes on: a new one cannot begin there.
  play_server(unix_socket(), to_established +
                                 "C: {c-open}\n"
                                 "S: {error restricted-xml}\nis: close\n",
              Split::whole_lines_only);
  play_server(unix_socket(), to_established + "C: <presence/>\nis: deliver <presence/>\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
