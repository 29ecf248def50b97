#include "bus/xmpp/server_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/bus/xmpp/server_scripts.hpp"

namespace xbus::xmpp::testing {
namespace {

// A refused header: our header first, then the error.
void refused(const MakeSubject& make, const std::string& header, const std::string& error) {
  SCOPED_TRACE(header);
  play_server(make, "C: " + header + "\nS: {s-open}{error " + error + "}\nis: close\n");
}
// What ends an established stream, or one in the middle of its login.
void ends(const std::string& reached, const std::string& bytes, const std::string& error) {
  SCOPED_TRACE(bytes);
  play_server(unix_socket(), reached + "C: " + bytes + "\nS: {error " + error + "}\nis: close\n");
}

TEST(ServerStream, stream_negotiation_restart) {
  play_server(
      tls_first(),
      to_secured + auth("PLAIN", std::string("\0alice\0secret", 13)) +
          "is: check_password alice secret\n"
          "do: password yes\n"
          "is: authenticated alice PLAIN\n"
          "S: <success xmlns='{sasl}'/>\n"
          "C: {c-open-from}\n"
          "S: {s-open-to}{late-features}\n"
          "C: <iq type='set' id='b1'><bind xmlns='{bind}'><resource>desk</resource></bind></iq>\n"
          "is: bind desk\n"
          "S: <iq type='result' id='b1'><bind "
          "xmlns='{bind}'><jid>alice@example.org/desk</jid></bind>"
          "</iq>\n"
          "C: <message to='bob@example.org'><body>hi</body></message>\n"
          "is: deliver <message to='bob@example.org'><body>hi</body></message>\n"
          "C: {close}\n"
          "S: {close}\n"
          "is: close\n");
}

TEST(ServerStream, bind_support_whole_life_of_a_local_stream) {
  play_server(
      unix_socket(),
      to_established +
          "C: <iq type='set' id='s1'><session xmlns='{session}'/></iq>\n"
          "S: <iq type='result' id='s1'/>\n"
          "C:  \n\n"
          "C: <presence/><iq type='get' id='p' to='example.org'><ping "
          "xmlns='urn:xmpp:ping'/></iq>\n"
          "is: deliver <presence/>\n"
          "is: deliver <iq type='get' id='p' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>\n"
          "C: {close}\n"
          "S: {close}\n"
          "is: close\n");
}

TEST(ServerStream, stream_negotiation_features_of_the_server_itself) {
  ServerStreamOptions options{.tls = Tls::done, .external_by_uid = true};
  xml::Element caps("c", "http://jabber.org/protocol/caps");
  caps.set("hash", "sha-1");
  options.features = {caps};
  std::string script = to_login;
  std::string features = expanded("{late-features}");
  features.insert(features.find("</stream:features>"),
                  "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1'/>");
  script.replace(script.find("{late-features}"), 15, features);
  play_server(server(options), script);
}

// ---- Headers ----

TEST(ServerStream, CORE_05_a_refused_header_is_answered_with_a_header) {
  const std::string open = "<stream:stream xmlns='jabber:client' ";
  const std::string ns = "xmlns:stream='http://etherx.jabber.org/streams' ";
  refused(tls_first(), open + ns + "to='example.com' version='1.0'>", "host-unknown");
  refused(tls_first(), open + ns + "to='a@example.org' version='1.0'>", "host-unknown");
  refused(tls_first(), open + ns + "to='' version='1.0'>", "host-unknown");
  refused(tls_first(), open + ns + "version='1.0'>", "improper-addressing|the header has no to");
  refused(tls_first(), open + ns + "to='example.org'>",
          "unsupported-version|version 1.0 is needed");
  for (const char* version : {"0.9", "", "1", "x.0", "1.", ".1", "-1.0"})
    refused(tls_first(), open + ns + "to='example.org' version='" + version + "'>",
            "unsupported-version|version 1.0 is needed");
  refused(tls_first(), open + "xmlns:stream='urn:other' to='example.org' version='1.0'>",
          "invalid-namespace|not the stream namespace");
  refused(tls_first(),
          "<stream:stream xmlns='jabber:server' " + ns + "to='example.org' version='1.0'>",
          "invalid-namespace|content namespace is not jabber:client");
  refused(tls_first(),
          "<stream:flow xmlns='jabber:client' " + ns + "to='example.org' version='1.0'>",
          "bad-format|not a stream");
}

TEST(ServerStream, CORE_05_an_alias_of_the_domain_is_answered_as_asked) {
  const std::string open =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ";
  ServerStreamOptions options{.tls = Tls::done, .external_by_uid = true};
  options.alias = "localhost";
  std::string script = expanded(to_login);
  const std::string whole = script;
  for (size_t at = 0; (at = script.find("'example.org'", at)) != std::string::npos; at += 11)
    script.replace(at, 13, "'localhost'");
  ASSERT_NE(script, whole);
  play_server(server(options), script);
  refused(server(options), open + "to='example.com' version='1.0'>", "host-unknown");
}

TEST(ServerStream, CORE_04_versions_are_numbers) {
  for (const char* version : {"1.0", "1.10", "2.0", "01.00", "10.0"})
    play_server(
        tls_first(),
        std::string("C: <stream:stream xmlns='jabber:client' "
                    "xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='") +
            version + "'>\nS: {s-open}" + starttls_only + "\n");
}

TEST(ServerStream, xml_namespace_streams_prefix_any_prefix_is_accepted) {
  play_server(unix_socket(),
              "C: <s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' "
              "to='EXAMPLE.org' version='1.0' id='mine'>\n"
              "S: {s-open}" +
                  unix_features +
                  "\n"
                  "C: </s:stream>\n"
                  "S: {close}\n"
                  "is: close\n");
}

TEST(ServerStream, xml_namespace_content_client_prefixed_stanzas_are_accepted) {
  play_server(unix_socket(),
              "C: {c-open}\n"
              "S: {s-open}" +
                  unix_features +
                  "\n"
                  "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
                  "is: authenticated alice EXTERNAL\n"
                  "S: <success xmlns='{sasl}'/>\n"
                  "C: <stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' "
                  "to='example.org' version='1.0'>\n"
                  "S: {s-open}{late-features}\n"
                  "C: <c:iq type='set' id='1'><bind xmlns='{bind}'/></c:iq>\n"
                  "is: bind \n"
                  "S: <iq type='result' id='1'><bind "
                  "xmlns='{bind}'><jid>alice@example.org/chosen</jid></bind>"
                  "</iq>\n"
                  "C: <c:message/>\n"
                  "is: deliver <c:message/>\n");
}

TEST(ServerStream, CORE_47_bad_first_bytes) {
  refused(tls_first(), "<?xml version='1.0' encoding='latin1'?>", "unsupported-encoding");
  refused(tls_first(), "<!DOCTYPE stream>", "restricted-xml");
  refused(tls_first(), "<?php ?>", "restricted-xml");
  refused(tls_first(), "GET / HTTP/1.1", "not-well-formed");
  refused(tls_first(), "<a><b", "invalid-namespace|not the stream namespace");
  refused(tls_first(), "<a b='" + std::string(limits::header_bytes_max, 'x') + "'>",
          "policy-violation|element too big");
}

TEST(ServerStream, stream_attribute_response_id_unique) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    ServerSubject subject({.domain = "example.org"});
    subject.on_bytes(expanded("{c-open}"));
    const auto said = subject.take().at(0);
    const size_t begin = said.find(" id='") + 5;
    ids.push_back(said.substr(begin, said.find('\'', begin) - begin));
    EXPECT_GE(ids.back().size(), 22u);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST(ServerStream, sasl_correlate_another_from_after_login) {
  play_server(
      unix_socket(),
      to_unix +
          "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
          "is: authenticated alice EXTERNAL\n"
          "S: <success xmlns='{sasl}'/>\n"
          "C: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "from='bob@example.org' to='example.org' version='1.0'>\n"
          "S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams' from='example.org' to='bob@example.org' "
          "id='*' version='1.0' xml:lang='en'>{error invalid-from}\n"
          "is: close\n");
  play_server(
      unix_socket(),
      "C: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "from='alice@example.com' to='example.org' version='1.0'>\n"
      "S: <?xml version='1.0'?><stream:stream xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams' from='example.org' to='alice@example.com' "
      "id='*' version='1.0' xml:lang='en'>" +
          unix_features +
          "\n"
          "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
          "S: {error invalid-from}\n"
          "is: close\n");
}

// ---- TLS ----

TEST(ServerStream, tls_mtn_nothing_but_tls_before_it) {
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256", "EXTERNAL", "NONE"})
    play_server(tls_first(), std::string("C: {c-open}\nS: {s-open}") + starttls_only + "\n" +
                                 auth(mechanism, "x") + "is: login_failed  \n" +
                                 failure("encryption-required"));
  play_server(tls_first(),
              "C: {c-open}\nS: {s-open}" + starttls_only +
                  "\n"
                  "C: <iq type='get' id='1'/>\nS: {error not-authorized}\nis: close\n");
}

TEST(ServerStream, tls_support_offered_beside_sasl) {
  play_server(tls_offered(),
              "C: {c-open}\n"
              "S: {s-open}<stream:features><starttls xmlns='{tls}'/><mechanisms xmlns='{sasl}'>"
              "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>"
              "{early-limits}</stream:features>\n"
              "C: <starttls xmlns='{tls}'/>\n"
              "S: <proceed xmlns='{tls}'/>\n"
              "is: start_tls\n"
              "do: secured\n"
              "C: {c-open}\n"
              "S: {s-open}" +
                  secured_features + "\n");
}

TEST(ServerStream, CORE_15_starttls_that_was_not_offered) {
  const std::string refusal =
      "C: <starttls xmlns='{tls}'/>\nS: <failure xmlns='{tls}'/>{close}\nis: close\n";
  play_server(tls_off(), "C: {c-open}\nS: {s-open}" + clear_features + "\n" + refusal);
  play_server(unix_socket(), to_unix + refusal);
  play_server(unix_socket(), to_login + refusal);
  play_server(tls_first(), to_secured + refusal);
}

TEST(ServerStream, CORE_16_clear_bytes_behind_starttls) {
  for (const char* behind : {"<auth xmlns='{sasl}' mechanism='PLAIN'/>", " ", "<"})
    play_server(tls_first(),
                "C: {c-open}\nS: {s-open}" + starttls_only +
                    "\n"
                    "C: <starttls xmlns='{tls}'/>" +
                    behind +
                    "\n"
                    "S: {error policy-violation|data behind starttls}\nis: close\n",
                Split::whole_lines_only);
  play_server(tls_first(),
              "C: {c-open}\nS: {s-open}" + starttls_only +
                  "\n"
                  "C: <starttls xmlns='{tls}'/>\nS: <proceed xmlns='{tls}'/>\nis: start_tls\n"
                  "C: <auth\nis: close\n");
}

TEST(ServerStream, tls_restart_direct_tls) {
  play_server(direct_tls(), "do: secured\nC: {c-open}\nS: {s-open}" + secured_features + "\n");
}

TEST(ServerStream, security_mti_both_external_by_certificate) {
  play_server(direct_tls(),
              "do: secured with certificate\nC: {c-open}\n"
              "S: {s-open}<stream:features><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
              "<channel-binding type='tls-exporter'/><channel-binding type='tls-server-end-point'/>"
              "</sasl-channel-binding><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism>"
              "<mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism>"
              "<mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>"
              "<mechanism>PLAIN</mechanism></mechanisms><authentication xmlns='{sasl2}'>"
              "<mechanism>EXTERNAL</mechanism><mechanism>SCRAM-SHA-256-PLUS</mechanism>"
              "<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>"
              "<mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>{sasl2-inline}"
              "</authentication>{early-limits}</stream:features>\n" +
                  auth("EXTERNAL", "alice@example.org") +
                  "is: authenticated alice EXTERNAL\nS: <success xmlns='{sasl}'/>\n");
}

// ---- Before the stream is established ----

TEST(ServerStream, CORE_07_no_stanza_before_login) {
  for (const char* stanza : {"<message/>", "<presence/>", "<iq type='get' id='1'/>",
                             "<iq type='set' id='1'><bind xmlns='{bind}'/></iq>"})
    ends(to_unix, stanza, "not-authorized");
  for (const char* stanza :
       {"<message/>", "<presence/>", "<iq type='set' id='1'><session xmlns='{session}'/></iq>"})
    ends(to_login, stanza, "not-authorized");
}

TEST(ServerStream, CORE_13_unknown_first_level_elements) {
  for (const auto& reached : {to_unix, to_login, to_established})
    for (const char* element :
         {"<r xmlns='urn:xmpp:sm:3'/>", "<foo/>", "<x xmlns=''/>", "<iq xmlns='jabber:server'/>",
          "<message xmlns='jabber:iq:roster'/>", "<stream:features/>"})
      ends(reached, element, "unsupported-stanza-type");
  ends(to_unix, "<success xmlns='{sasl}'/>", "unsupported-stanza-type");
  ends(to_login, "<auth xmlns='{sasl}' mechanism='EXTERNAL'/>", "unsupported-stanza-type");
  ends(to_established, "<auth xmlns='{sasl}' mechanism='EXTERNAL'/>", "unsupported-stanza-type");
}

// ---- Bind ----

std::string bind_error(const std::string& type, const std::string& code, const std::string& name) {
  return "S: <iq type='error' id='1'><error code='" + code + "' type='" + type + "'><" + name +
         " xmlns='{stanzas}'/>*</error></iq>\n";
}

TEST(ServerStream, CORE_29_a_refused_resource_may_be_tried_again) {
  play_server(
      unix_socket(),
      to_login +
          "C: <iq type='set' id='1'><bind xmlns='{bind}'><resource>taken</resource></bind></iq>\n"
          "is: bind taken\n" +
          bind_error("cancel", "409", "conflict") +
          "C: <iq type='set' id='2'><bind xmlns='{bind}'><resource> free  "
          "one</resource></bind></iq>\n"
          "is: bind  free  one\n"
          "S: <iq type='result' id='2'><bind xmlns='{bind}'><jid>alice@example.org/ free  one</jid>"
          "</bind></iq>\n");
}

TEST(ServerStream, CORE_29_bad_requests_to_bind) {
  for (const char* request : {"<iq type='get' id='1'><bind xmlns='{bind}'/></iq>",
                              "<iq type='set' id='1'><bind xmlns='{bind}'/><x xmlns='urn:x'/></iq>",
                              "<iq id='1'><bind xmlns='{bind}'/></iq>"})
    play_server(unix_socket(),
                to_login + "C: " + request + "\n" + bind_error("modify", "400", "bad-request"));
  play_server(unix_socket(),
              to_login +
                  "C: <iq type='set' id='1'><bind "
                  "xmlns='{bind}'><resource>a&#x7f;b</resource></bind></iq>\n"
                  "S: <iq type='error' id='1'><error code='400' type='modify'><bad-request "
                  "xmlns='{stanzas}'/>"
                  "<text xmlns='{stanzas}'>no resource</text></error></iq>\n");
}

TEST(ServerStream, CORE_29_bindings_have_a_limit) {
  std::string script = to_login;
  for (size_t i = 0; i < limits::bind_attempts_max; ++i)
    script +=
        "C: <iq type='set' id='1'><bind xmlns='{bind}'><resource>taken</resource></bind></iq>\n"
        "is: bind taken\n" +
        bind_error("cancel", "409", "conflict");
  play_server(unix_socket(),
              script + "S: {error policy-violation|too many failed bindings}\nis: close\n");
}

// ---- Rules that hold for the whole stream ----

TEST(ServerStream, xml_wellformed_and_restricted_at_every_stage) {
  for (const auto& reached : {to_unix, to_login, to_established}) {
    ends(reached, "<message></presence>", "not-well-formed");
    ends(reached, "<message a='1' a='2'/>", "not-well-formed");
    ends(reached, "<p:message/>", "not-well-formed");
    ends(reached, "text", "not-well-formed");
    ends(reached, "<message><!-- x --></message>", "restricted-xml");
    ends(reached, "<message><?x y?></message>", "restricted-xml");
    ends(reached, "<!DOCTYPE x>", "restricted-xml");
    ends(reached, "<message>&nbsp;</message>", "restricted-xml");
    ends(reached, "<message>\xc3\x28</message>", "not-well-formed|not UTF-8");
  }
}

TEST(ServerStream, CORE_49_size_before_and_after_login) {
  const auto message = [](size_t bytes) {
    const std::string open = "<message><body>", close = "</body></message>";
    return open + std::string(bytes - open.size() - close.size(), 'x') + close;
  };
  ends(to_unix, message(limits::prelogin_stanza_bytes_max + 1), "policy-violation|element too big");
  ends(to_unix, message(limits::prelogin_stanza_bytes_max), "not-authorized");
  ServerStreamOptions options{.tls = Tls::done, .external_by_uid = true, .stanza_bytes_max = 20000};
  const auto small = server(options);
  std::string reached = to_established;
  const size_t at = reached.find("{late-features}");
  std::string features = expanded("{late-features}");
  features.replace(features.find("1048576"), 7, "20000");
  reached.replace(at, 15, features);
  play_server(small, reached + "C: " + message(20000) + "\nis: deliver " + message(20000) +
                         "\n"
                         "C: " +
                         message(20001) +
                         "\nS: {error policy-violation|element too big}\nis: close\n");
}

TEST(ServerStream, CORE_49_depth_attributes_and_names) {
  const std::string text = "policy-violation|too many levels or attributes, or a name too long";
  std::string deep = "<message>", attributes = "<message", edge = "<message>";
  for (size_t i = 0; i < limits::xml_depth_max; ++i) deep += "<a>";
  for (size_t i = 0; i <= limits::xml_attributes_max; ++i)
    attributes += " a" + std::to_string(i) + "=''";
  const std::string name(limits::xml_name_bytes_max + 1, 'n');
  for (const auto& reached : {to_unix, to_established}) {
    ends(reached, deep, text);
    ends(reached, attributes + "/>", text);
    ends(reached, "<message><" + name, text);
  }
  for (size_t i = 1; i < limits::xml_depth_max; ++i) edge += "<a>";
  for (size_t i = 1; i < limits::xml_depth_max; ++i) edge += "</a>";
  edge += "</message>";
  play_server(unix_socket(), to_established + "C: " + edge + "\nis: deliver " + edge + "\n");
}

// ---- Ends ----

TEST(ServerStream, CORE_08_the_server_ends_and_still_listens) {
  play_server(unix_socket(), to_established +
                                 "do: end\n"
                                 "S: {close}\n"
                                 "C: <message/>\n"
                                 "is: deliver <message/>\n"
                                 "C: <foo/>\n"
                                 "C: {close}\n"
                                 "is: close\n");
  play_server(unix_socket(), to_established + "do: end\nS: {close}\nC: <\x01\nis: close\n");
  play_server(unix_socket(),
              to_unix + "do: end\nS: {close}\nC: <message/>\nC: {close}\nis: close\n");
  play_server(tls_first(), "do: end\nS: {s-open}{close}\nC: {close}\nis: close\n");
}

TEST(ServerStream, stream_error_generate_from_outside) {
  play_server(unix_socket(),
              to_established + "do: end system-shutdown\nS: {error system-shutdown}\nis: close\n");
  play_server(tls_first(),
              "do: end system-shutdown\nS: {s-open}{error system-shutdown}\nis: close\n");
  play_server(
      tls_first(),
      "do: timeout\nS: {s-open}{error connection-timeout|login took too long}\nis: close\n");
  play_server(
      unix_socket(),
      to_login + "do: timeout\nS: {error connection-timeout|login took too long}\nis: close\n");
  play_server(unix_socket(), to_established + "do: timeout\n");
  play_server(tls_first(),
              "C: {c-open}\nS: {s-open}" + starttls_only +
                  "\n"
                  "C: <starttls xmlns='{tls}'/>\nS: <proceed xmlns='{tls}'/>\nis: start_tls\n"
                  "do: timeout\nis: close\n");
}

TEST(ServerStream, CORE_09_a_stream_error_of_the_client_is_the_end) {
  for (const auto& reached : {to_unix, to_login, to_established})
    play_server(
        unix_socket(),
        reached +
            "C: <stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>\n"
            "S: {close}\n"
            "is: close\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
