#include "services/xbus/cause.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using client::Step;
using Kind = Step::Kind;
using Login = xmpp::LoginError;
using Result = Finding::Result;

Finding finding(Kind kind, Login error, std::vector<std::string> found = {}) {
  Step step{.kind = kind, .found = std::move(found)};
  step.error = std::move(error);
  return finding_of(
      step, {.account = "alice", .domain = "bus.example", .has_password = true, .time_max = 2s});
}

TEST(Causes, of_what_answers_instead_of_a_server) {
  const auto cause = [](const std::string& said) {
    return finding(Kind::stream, {.kind = Login::Kind::not_xmpp, .text = said}).cause;
  };
  EXPECT_EQ(cause("HTTP/1.1 400 Bad Request"), "http");
  EXPECT_EQ(cause("<!DOCTYPE HTML PUBLIC"), "http");
  EXPECT_EQ(cause(std::string("\x15\x03\x03\x00", 4)), "direct-tls");
  EXPECT_EQ(cause("SSH-2.0-OpenSSH"), "not-xmpp");
}

TEST(Causes, of_streams_that_end) {
  using K = Login::Kind;
  EXPECT_EQ(finding(Kind::stream, {.kind = K::timed_out}).cause, "silent");
  EXPECT_NE(finding(Kind::stream, {.kind = K::timed_out}).says.find("within 2 s"),
            std::string::npos);
  EXPECT_EQ(finding(Kind::stream, {.kind = K::closed}).cause, "closed");
  const Finding host = finding(
      Kind::stream, {.kind = K::stream_error, .stream = xmpp::StreamCondition::host_unknown});
  EXPECT_EQ(host.cause, "host-unknown");
  EXPECT_NE(host.says.find("bus.example"), std::string::npos);
  EXPECT_EQ(finding(Kind::starttls, {.kind = K::tls_not_offered}).cause, "tls-not-offered");
  EXPECT_EQ(finding(Kind::tls, {.kind = K::unreachable, .text = "wrong version number"}).cause,
            "handshake");
  EXPECT_EQ(finding(Kind::tls, {.kind = K::unreachable, .text = "TLS fails: nobody speaks it (raw)"}).says,
            "the TLS handshake fails: nobody speaks it (raw)");
  EXPECT_EQ(finding(Kind::login, {.kind = K::downgrade}).cause, "downgrade");
  EXPECT_EQ(finding(Kind::bind, {.kind = K::bind_refused, .text = "conflict"}).cause, "conflict");
}

TEST(Causes, of_mechanisms_and_passwords) {
  using K = Login::Kind;
  const Finding none = finding(Kind::mechanism, {.kind = K::no_common_mechanism}, {"DIGEST-MD5"});
  EXPECT_EQ(none.cause, "no-common-mechanism");
  EXPECT_NE(none.says.find("only DIGEST-MD5"), std::string::npos);
  EXPECT_EQ(none.kind, FaultKind::not_logged_in);
  const Finding wrong =
      finding(Kind::login, {.kind = K::wrong_credentials, .text = "not-authorized"});
  EXPECT_NE(wrong.says.find("alice"), std::string::npos);
  EXPECT_NE(wrong.advice.find("password"), std::string::npos);
  EXPECT_NE(finding(Kind::login, {.kind = K::wrong_credentials, .text = "temporary-auth-failure"})
                .advice.find("later"),
            std::string::npos);
}

TEST(Causes, of_certificates) {
  const auto found = [](net::CertificateFault fault) {
    Step step{.kind = Kind::certificate};
    step.certificate.emplace();
    step.certificate->fault = fault;
    step.certificate->names = {"a.example"};
    step.certificate->issuer = "Some CA";
    step.certificate->fingerprint = "abcd";
    step.error = Login{.kind = Login::Kind::untrusted};
    return finding_of(step, {.domain = "bus.example"});
  };
  using F = net::CertificateFault;
  EXPECT_EQ(found(F::expired).cause, "expired");
  EXPECT_EQ(found(F::not_yet_valid).cause, "not-yet-valid");
  EXPECT_EQ(found(F::other_name).cause, "other-name");
  EXPECT_NE(found(F::other_name).says.find("a.example is not for bus.example"), std::string::npos);
  EXPECT_EQ(found(F::unknown_issuer).cause, "unknown-issuer");
  EXPECT_NE(found(F::unknown_issuer).advice.find("--pin abcd"), std::string::npos);
  EXPECT_EQ(found(F::other_pin).cause, "other-pin");
  EXPECT_EQ(found(F::other).cause, "untrusted");
  EXPECT_EQ(found(F::expired).kind, FaultKind::not_logged_in);
}

// ---- Behind the login ----

TEST(Registry, is_there_or_says_why_not) {
  client::Answer answer;
  answer.kind = client::Answer::Kind::error;
  answer.error = xmpp::StanzaError(xmpp::Condition::service_unavailable);
  EXPECT_EQ(registry_finding(answer, "services.x", 1ms).cause, "service-unavailable");
  EXPECT_EQ(registry_finding(answer, "services.x", 1ms).kind, FaultKind::unavailable);
  answer.kind = client::Answer::Kind::timed_out;
  EXPECT_EQ(registry_finding(answer, "services.x", 1ms).cause, "timeout");
  answer.kind = client::Answer::Kind::result;
  answer.stanza = xml::Element("iq", "jabber:client");
  answer.stanza.add(xml::Element("query", "http://jabber.org/protocol/disco#info"));
  EXPECT_EQ(registry_finding(answer, "services.x", 1ms).cause, "no-registry");
  answer.stanza.nodes().front().element.front().add("feature").set("var", "urn:xbus:registry:0");
  EXPECT_EQ(registry_finding(answer, "services.x", 1ms).result, Result::ok);
}

TEST(Calls, what_an_instance_says_is_an_answer_and_silence_is_none) {
  Reply reply;
  reply.instance = "agent/one";
  reply.value = Value::array({"a", "b"});
  EXPECT_EQ(call_finding(reply, 3s).says, "agent/one: 2 methods");
  reply.value.reset();
  reply.fault = Fault(Fault::Kind::forbidden);
  EXPECT_EQ(call_finding(reply, 3s).result, Result::ok);
  reply.fault = Fault(Fault::Kind::timeout);
  const Finding hung = call_finding(reply, 3s);
  EXPECT_EQ(hung.result, Result::failed);
  EXPECT_EQ(hung.cause, "timeout");
  EXPECT_EQ(hung.says, "agent/one does not answer within 3 s");
  EXPECT_EQ(exit_status(hung.kind), 68);
}

}  // namespace
}  // namespace xbus::cli
