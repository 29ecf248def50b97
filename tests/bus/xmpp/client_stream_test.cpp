#include "bus/xmpp/client_stream.hpp"

#include <gtest/gtest.h>

#include "bus/crypto/base64.hpp"
#include "tests/bus/xmpp/stream_subjects.hpp"

namespace xbus::xmpp::testing {
namespace {

using Tls = ClientStreamOptions::Tls;

MakeSubject client(ClientStreamOptions options) {
  options.domain = "example.org";
  return [options] { return std::make_unique<ClientSubject>(options); };
}
MakeSubject alice() { return client({.account = "Alice", .password = "secret"}); }
MakeSubject alice_in_clear() {
  return client({.account = "alice", .password = "secret", .tls = Tls::never});
}
MakeSubject local() { return client({.tls = Tls::never, .external = true}); }

void play_client(const MakeSubject& make, const std::string& script, Split split = Split::allowed) {
  play(make, 'S', script, split);
}

const std::string to_tls =
    "do: start\n"
    "C: {c-open}\n"
    "S: {s-open}<stream:features><starttls xmlns='{tls}'><required/></starttls></stream:features>\n"
    "C: <starttls xmlns='{tls}'/>\n";
const std::string to_secured = to_tls +
                               "S: <proceed xmlns='{tls}'/>\n"
                               "is: start_tls\n"
                               "do: secured\n"
                               "C: {c-open-from}\n";
const std::string to_login =
    "do: start\n"
    "C: {c-open}\n"
    "S: {s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism>"
    "</mechanisms></stream:features>\n"
    "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n";
const std::string to_bind = to_login +
                            "S: <success xmlns='{sasl}'/>\n"
                            "C: {c-open}\n"
                            "S: {s-open}{late-features}\n"
                            "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n";

std::string mechanisms(const std::vector<std::string>& names) {
  std::string out = "<stream:features><mechanisms xmlns='{sasl}'>";
  for (const auto& name : names) out += "<mechanism>" + name + "</mechanism>";
  return out + "</mechanisms></stream:features>";
}

TEST(ClientStream, tls_restart_starttls_then_plain) {
  play_client(alice(), to_secured + "S: {s-open-to}" + mechanisms({"PLAIN"}) +
                           "\n"
                           "C: <auth xmlns='{sasl}' mechanism='PLAIN'>" +
                           crypto::base64_encode(std::string("\0alice\0secret", 13)) +
                           "</auth>\n"
                           "S: <success xmlns='{sasl}'/>\n"
                           "C: {c-open-from}\n"
                           "S: {s-open-to}{late-features}\n"
                           "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
}

TEST(ClientStream, another_protocol_is_told_by_its_first_line) {
  const std::string opened = "do: start\nC: {c-open}\nS: ";
  for (const std::string line : {"HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH_9.2", "220 mail.example.org"})
    play_client(local(), opened + line + "\nC: {error not-well-formed}\nis: failed not_xmpp " + line + "\nis: close\n",
                Split::whole_lines_only);
  play_client(local(),
              opened + "<!DOCTYPE HTML>\nC: {error not-well-formed}\n"
                       "is: failed not_xmpp <!DOCTYPE HTML>\nis: close\n",
              Split::whole_lines_only);
}

TEST(ClientStream, tls_restart_direct_tls_says_who_at_once) {
  play_client(client({.account = "alice", .password = "secret", .tls = Tls::done}),
              "do: secured\n"
              "do: start\n"
              "C: {c-open-from}\n"
              "S: {s-open-to}" +
                  mechanisms({"PLAIN"}) +
                  "\n"
                  "C: <auth xmlns='{sasl}' mechanism='PLAIN'>*</auth>\n");
}

TEST(ClientStream, sasl_restart_external_on_a_unix_socket) {
  play_client(local(), to_login +
                           "S: <success xmlns='{sasl}'/>\n"
                           "C: {c-open}\n"
                           "S: {s-open}{late-features}\n"
                           "C: <iq type='set' id='*'><bind xmlns='{bind}'/></iq>\n");
}

// ---- Headers and features ----

TEST(ClientStream, stream_error_generate_bad_headers) {
  const auto refused = [](const std::string& header, const std::string& error,
                          const std::string& condition, const std::string& text) {
    play_client(local(), "do: start\nC: {c-open}\nS: " + header + "\nC: {error " + error +
                             "}\n"
                             "is: failed protocol [" +
                             condition + "] " + text + "\nis: close\n");
  };
  const std::string open = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' ";
  refused(open + "xmlns='jabber:server' version='1.0'>",
          "invalid-namespace|content namespace is not jabber:client", "invalid-namespace",
          "content namespace is not jabber:client");
  refused("<flow>", "invalid-namespace|not the stream namespace", "invalid-namespace",
          "not the stream namespace");
  refused("<stream:stream xmlns='a' xmlns='b'>", "not-well-formed", "not-well-formed",
          "not-well-formed");
  refused(open + "xmlns='jabber:client'><stream:features/>",
          "unsupported-version|version 1.0 is needed", "unsupported-version",
          "version 1.0 is needed");
}

TEST(ClientStream, stream_attribute_response_from_is_the_domain_asked_for) {
  const auto header = [](const std::string& from) {
    return "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
           "version='1.0' id='x'" +
           from + ">";
  };
  const std::string features =
      "<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>"
      "</stream:features>\n";
  const std::string auth = "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n";
  // The same name as typed, and, as old servers have it, none (section 4.7.1).
  for (const char* from : {" from='example.org'", " from='Example.ORG'", ""})
    play_client(local(), "do: start\nC: {c-open}\nS: " + header(from) + features + auth);
  for (const char* from : {" from='example.net'", " from='example.org.example.net'",
                           " from='alice@example.org'", " from='example.org/x'", " from=''"})
    play_client(local(), "do: start\nC: {c-open}\nS: " + header(from) + features +
                             "C: {error invalid-from|not the domain that was asked for}\n"
                             "is: failed protocol [invalid-from] not the domain that was asked for\n"
                             "is: close\n");
  // After the login as well.
  play_client(local(), to_login +
                           "S: <success xmlns='{sasl}'/>\n"
                           "C: {c-open}\n"
                           "S: " +
                           header(" from='example.net'") +
                           "{late-features}\n"
                           "C: {error invalid-from|not the domain that was asked for}\n"
                           "is: failed protocol [invalid-from] not the domain that was asked for\n"
                           "is: close\n");
  // A host that does not know the domain says so under its own name.
  play_client(local(), "do: start\nC: {c-open}\nS: " + header(" from='example.net'") +
                           "{error host-unknown}\n"
                           "C: {close}\nis: failed stream_error [host-unknown]\nis: close\n");
}

TEST(ClientStream, CORE_05_an_error_behind_the_header) {
  play_client(
      local(),
      "do: start\nC: {c-open}\n"
      "S: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
      "{error host-unknown|not here}\n"
      "C: {close}\nis: failed stream_error [host-unknown] not here\nis: close\n");
}

TEST(ClientStream, xml_namespace_streams_prefix_any_prefix) {
  play_client(
      local(),
      "do: start\nC: {c-open}\n"
      "S: <a:stream xmlns='jabber:client' xmlns:a='http://etherx.jabber.org/streams' version='1.1'>"
      "<a:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>"
      "</a:features>\n"
      "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>\n"
      "S: </a:stream>\n"
      "C: {close}\nis: failed closed the server closed the stream\nis: close\n");
}

TEST(ClientStream, CORE_10_see_other_host) {
  for (const std::string& reached : {std::string("do: start\nC: {c-open}\n"), to_login})
    play_client(local(),
                reached + "S: " + (reached == to_login ? "" : "{s-open}") +
                    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
                    "[2001:db8::1]:9222</see-other-host></stream:error>\n"
                    "C: {close}\nis: failed see_other_host [2001:db8::1]:9222\nis: close\n");
}

// ---- TLS ----

TEST(ClientStream, tls_mtn_required_by_us) {
  play_client(alice(),
              "do: start\nC: {c-open}\nS: {s-open}" + mechanisms({"PLAIN"}) +
                  "\n"
                  "C: {close}\nis: failed tls_not_offered the server offers no TLS\nis: close\n");
  play_client(alice(),
              to_tls +
                  "S: <failure xmlns='{tls}'/>{close}\n"
                  "C: {close}\nis: failed tls_not_offered the server refuses TLS\nis: close\n");
}

TEST(ClientStream, CORE_16_clear_bytes_behind_proceed) {
  for (const char* behind : {" ", "<", "{s-open}"})
    play_client(alice(),
                to_tls + "S: <proceed xmlns='{tls}'/>" + behind +
                    "\n"
                    "is: failed protocol [bad-format] data in clear behind proceed\nis: close\n",
                Split::whole_lines_only);
  play_client(
      alice(),
      to_tls +
          "S: <proceed xmlns='{tls}'/>\nis: start_tls\n"
          "S: <\nis: failed protocol [bad-format] data in clear behind proceed\nis: close\n");
}

// ---- SASL ----

TEST(ClientStream, CORE_21_plain_is_never_said_in_clear) {
  play_client(alice_in_clear(),
              "do: start\nC: {c-open}\n"
              "S: {s-open}" +
                  mechanisms({"PLAIN", "X-OTHER"}) +
                  "\n"
                  "C: {close}\nis: failed no_common_mechanism offered: PLAIN X-OTHER\nis: close\n");
  play_client(client({.account = "alice", .password = "secret", .plain_allowed = false}),
              to_secured + "S: {s-open}" + mechanisms({"PLAIN"}) +
                  "\n"
                  "C: {close}\nis: failed no_common_mechanism offered: PLAIN\nis: close\n");
}

TEST(ClientStream, sasl_errors_are_told_by_name) {
  play_client(local(),
              to_login +
                  "S: <failure xmlns='{sasl}'><account-disabled/></failure>\n"
                  "C: {close}\nis: failed wrong_credentials account-disabled\nis: close\n");
  play_client(local(), to_login +
                           "S: <failure xmlns='{sasl}'><not-heard-of/></failure>\n"
                           "C: {close}\nis: failed wrong_credentials not-authorized\nis: close\n");
}

TEST(ClientStream, security_mti_both_external_falls_back_to_the_password) {
  play_client(
      client({.account = "alice", .password = "secret", .tls = Tls::never, .external = true}),
      "do: start\nC: {c-open}\n"
      "S: {s-open}" +
          mechanisms({"SCRAM-SHA-1", "EXTERNAL"}) +
          "\n"
          "C: <auth xmlns='{sasl}' mechanism='EXTERNAL'>" +
          crypto::base64_encode("alice@example.org") +
          "</auth>\n"
          "S: <failure xmlns='{sasl}'><not-authorized/></failure>\n"
          "C: <auth xmlns='{sasl}' mechanism='SCRAM-SHA-1'>*</auth>\n"
          "S: <failure xmlns='{sasl}'><not-authorized/></failure>\n"
          "C: {close}\nis: failed wrong_credentials not-authorized\nis: close\n");
}

const std::string to_scram =
    "do: start\nC: {c-open}\n"
    "S: {s-open}" +
    mechanisms({"SCRAM-SHA-256", "PLAIN"}) +
    "\n"
    "C: <auth xmlns='{sasl}' mechanism='SCRAM-SHA-256'>*</auth>\n";

TEST(ClientStream, CORE_25_success_without_the_servers_proof_is_a_downgrade) {
  for (const std::string& success :
       {std::string("<success xmlns='{sasl}'/>"),
        std::string("<success xmlns='{sasl}'>=</success>"),
        "<success xmlns='{sasl}'>" + crypto::base64_encode("v=AAAA") + "</success>"})
    play_client(alice_in_clear(), to_scram + "S: " + success +
                                      "\n"
                                      "C: {close}\nis: failed downgrade *\nis: close\n");
}

TEST(ClientStream, CORE_25_bad_challenges_are_aborted) {
  const auto aborts = [](const std::string& challenge, const std::string& text) {
    SCOPED_TRACE(challenge);
    play_client(alice_in_clear(),
                to_scram + "S: <challenge xmlns='{sasl}'>" + challenge +
                    "</challenge>\n"
                    "C: <abort xmlns='{sasl}'/>{close}\nis: failed protocol [bad-format] " +
                    text + "\nis: close\n");
  };
  aborts("***", "malformed message");
  aborts("", "malformed message");
  aborts("=", "malformed message");
  aborts(crypto::base64_encode("r=abc,s=QUFB,i=4096"), "wrong nonce");
}

TEST(ClientStream, CORE_13_what_does_not_belong_there) {
  const std::string ends =
      "C: {error unsupported-stanza-type|unexpected *}\n"
      "is: failed protocol [unsupported-stanza-type] unexpected *\nis: close\n";
  play_client(local(), "do: start\nC: {c-open}\nS: {s-open}<message/>\n" + ends);
  play_client(alice(), to_tls + "S: <success xmlns='{sasl}'/>\n" + ends);
  play_client(local(), to_login + "S: <message/>\n" + ends);
  play_client(local(), to_login + "S: <stream:features/>\n" + ends);
  play_client(local(), to_bind + "S: <presence/>\n" + ends);
  play_client(
      local(),
      to_login +
          "S: <hello xmlns='{sasl}'/>\n"
          "C: {error unsupported-stanza-type}\n"
          "is: failed protocol [unsupported-stanza-type] unsupported-stanza-type\nis: close\n");
  play_client(local(), to_bind +
                           "S: <iq type='result' id='other'/>\n"
                           "C: {error unsupported-stanza-type|not the answer to the binding}\n"
                           "is: failed protocol [unsupported-stanza-type] not the answer to the "
                           "binding\nis: close\n");
}

// ---- Bind; the id is random, so these speak to the machine itself ----

struct Bound {
  explicit Bound(ClientStreamOptions options = {.tls = Tls::never, .external = true})
      : subject([&] {
          options.domain = "example.org";
          return options;
        }()) {
    subject.happen("start");
    hear("{s-open}" + mechanisms({"EXTERNAL"}));
    hear("<success xmlns='{sasl}'/>");
    subject.take();
    hear("{s-open}{late-features}");
    request = subject.take().at(0);
    const size_t begin = request.find(" id='") + 5;
    id = request.substr(begin, request.find('\'', begin) - begin);
  }
  void hear(const std::string& text) { subject.on_bytes(expanded(text)); }
  void answer(const std::string& payload, const std::string& type = "result") {
    hear("<iq type='" + type + "' id='" + id + "'>" + payload + "</iq>");
  }
  ClientSubject subject;
  std::string request, id;
};

TEST(ClientStream, bind_support) {
  Bound bound({.resource = "a<b", .tls = Tls::never, .external = true});
  EXPECT_TRUE(matches(expanded("say <iq type='set' id='*'><bind xmlns='{bind}'><resource>a&lt;b"
                               "</resource></bind></iq>"),
                      bound.request))
      << bound.request;
  EXPECT_FALSE(bound.subject.machine.established());
  bound.answer("<bind xmlns='{bind}'><jid>alice@example.org/a&lt;b</jid></bind>");
  EXPECT_EQ(bound.subject.take(), std::vector<std::string>{"is established alice@example.org/a<b"});
  EXPECT_TRUE(bound.subject.machine.established());
  EXPECT_EQ(bound.subject.machine.jid().resource(), "a<b");
  EXPECT_EQ(bound.subject.machine.stanza_bytes_max(), limits::stanza_bytes_max);
  EXPECT_NE(
      bound.subject.machine.features().first("session", "urn:ietf:params:xml:ns:xmpp-session"),
      nullptr);
}

TEST(ClientStream, CORE_29_a_refused_resource) {
  Bound bound;
  bound.answer("<error type='cancel'><conflict xmlns='{stanzas}'/></error>", "error");
  EXPECT_EQ(bound.subject.take(),
            (std::vector<std::string>{"say </stream:stream>", "is failed bind_refused conflict",
                                      "is close"}));
}

TEST(ClientStream, bind_mtn_no_full_jid_and_no_offer) {
  for (const char* jid : {"<jid>alice@example.org</jid>", "<jid>@</jid>", "<jid/>", ""}) {
    Bound bound;
    bound.answer(std::string("<bind xmlns='{bind}'>") + jid + "</bind>");
    EXPECT_EQ(bound.subject.take().at(1),
              "is failed protocol [bad-format] the server bound no full JID");
  }
  play_client(
      local(),
      to_login +
          "S: <success xmlns='{sasl}'/>\nC: {c-open}\n"
          "S: {s-open}<stream:features></stream:features>\n"
          "C: {close}\nis: failed protocol [bad-format] the server offers no resource binding\n"
          "is: close\n");
}

struct Established : Bound {
  Established() {
    answer("<bind xmlns='{bind}'><jid>alice@example.org/x</jid></bind>");
    subject.take();
  }
};

TEST(ClientStream, CORE_13_an_established_client_ignores_what_it_did_not_ask_for) {
  Established client;
  client.hear(" <message/>\n<r xmlns='urn:xmpp:sm:3'/><presence/>");
  EXPECT_EQ(client.subject.take(),
            (std::vector<std::string>{"is deliver <message/>", "is deliver <presence/>"}));
}

TEST(ClientStream, CORE_08_the_client_ends_and_still_listens) {
  Established client;
  client.subject.happen("end");
  client.hear("<message/>");
  client.hear("</stream:stream>");
  EXPECT_EQ(client.subject.take(), (std::vector<std::string>{"say </stream:stream>",
                                                             "is deliver <message/>", "is close"}));
}

TEST(ClientStream, CORE_09_errors_of_an_established_stream) {
  {
    Established client;
    client.hear("{error conflict|replaced}");
    EXPECT_EQ(client.subject.take(),
              (std::vector<std::string>{"say </stream:stream>",
                                        "is failed stream_error [conflict] replaced", "is close"}));
  }
  {
    Established client;
    client.hear("<message></presence>");
    EXPECT_EQ(client.subject.take(),
              (std::vector<std::string>{"say " + expanded("{error not-well-formed}"),
                                        "is failed protocol [not-well-formed] not-well-formed",
                                        "is close"}));
  }
  {
    Established client;
    client.hear("{close}");
    EXPECT_EQ(
        client.subject.take(),
        (std::vector<std::string>{"say </stream:stream>",
                                  "is failed closed the server closed the stream", "is close"}));
  }
}

TEST(ClientStream, CORE_44_what_the_server_takes) {
  ClientSubject subject({.domain = "example.org", .tls = Tls::never, .external = true});
  EXPECT_EQ(subject.machine.stanza_bytes_max(), limits::stanza_bytes_assumed);
  subject.happen("start");
  subject.on_bytes(
      expanded("{s-open}<stream:features><mechanisms xmlns='{sasl}'><mechanism>EXTERNAL"
               "</mechanism></mechanisms><limits xmlns='urn:xmpp:stream-limits:0'>"
               "<max-bytes>65536</max-bytes></limits></stream:features>"));
  EXPECT_EQ(subject.machine.stanza_bytes_max(), 65536u);
}

TEST(ClientStream, an_account_that_cannot_be_a_localpart) {
  play_client(
      client({.account = "a b", .password = "x"}),
      "do: start\nis: failed wrong_credentials the account's name is no localpart\nis: close\n");
}

}  // namespace
}  // namespace xbus::xmpp::testing
