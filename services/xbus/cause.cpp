#include "services/xbus/cause.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/error.hpp"
#include "rpc/fault.hpp"
#include "rpc/json.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/common/counted.hpp"
#include "services/xbus/invocation.hpp"

namespace xbus::cli {
namespace {

using client::Step;
using net::CertificateFault;
using Kind = Step::Kind;
using Result = Finding::Result;
using Login = xmpp::LoginError::Kind;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string seconds_text(Duration time) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  std::string text = std::to_string(count / 1000);
  if (count % 1000 != 0) text += "." + std::to_string(count % 1000 / 100);
  return text + " s";
}

// What is wrong, in the three ways that a finding says it.
struct Wrong {
  std::string cause, says, advice;
};

// ---- Names and addresses ----

Wrong wrong_host(const Step& step) {
  if (!step.dialed)
    return {"no-answer", "no name server answers for " + step.subject,
            "check the network and /etc/resolv.conf"};
  using Why = net::NoAddress::Kind;
  switch (step.dialed->no_address) {
    case Why::no_such_name:
      return {"no-such-name", "there is no host " + step.subject,
              "check the spelling of the address"};
    case Why::no_address:
      return {"no-address", "the name " + step.subject + " has no address",
              "ask who runs its name servers"};
    case Why::no_answer:
      break;
  }
  return {"no-answer", "no name server answers for " + step.subject,
          "check the network and /etc/resolv.conf"};
}

Wrong wrong_connect(const Step& step) {
  const std::string& where = step.subject;
  if (!step.dialed)
    return {"timeout", "no answer from " + where,
            "its host is down, or a firewall drops what is sent to it"};
  const int error = step.dialed->error;
  const std::string why = where + ": " + std::strerror(error);
  if (error == 0)
    return {"plain", where + " is not on this host, and tcp:// has no TLS", "use xmpp://"};
  if (error == ECONNREFUSED)
    return {"refused", "nobody listens at " + where, "start the bus there, or check the port"};
  if (error == ENETUNREACH || error == EHOSTUNREACH || error == ETIMEDOUT)
    return {"unreachable", why, "check the network between here and there"};
  return {"connect", why, ""};
}

// ---- TLS ----

std::string first_word_on(const net::ShownCertificate& shown) {
  const std::string names = shown.names.empty() ? shown.subject : joined(shown.names);
  return shown.culprit.empty() ? "the certificate for " + names
                               : "the issuer " + shown.culprit + " of the certificate for " + names;
}

Wrong wrong_certificate(const Step& step, const Asked& asked) {
  if (!step.certificate)
    return {"trust", step.error ? step.error->text : "",
            "check --ca, --pin, --certificate and --key"};
  const net::ShownCertificate& shown = *step.certificate;
  switch (shown.fault) {
    case CertificateFault::expired:
      return {"expired", first_word_on(shown) + " expired on " + time_text(shown.not_after),
              "renew it at the server (issuer: " + shown.issuer + ")"};
    case CertificateFault::not_yet_valid:
      return {"not-yet-valid",
              first_word_on(shown) + " is valid only from " + time_text(shown.not_before),
              "check the clocks of both hosts"};
    case CertificateFault::other_name:
      return {"other-name", first_word_on(shown) + " is not for " + asked.domain,
              "use the server's own name in --bus, or give it a certificate for " + asked.domain};
    case CertificateFault::unknown_issuer:
      return {"unknown-issuer",
              first_word_on(shown) + " is from " + shown.issuer + ", whom nothing here trusts",
              "--ca FILE trusts its CA; --pin " + shown.fingerprint +
                  " trusts this very certificate, if you know it to be right"};
    case CertificateFault::other_pin:
      return {"other-pin",
              "the certificate has the fingerprint " + shown.fingerprint +
                  ", which is not the pinned one",
              "pin it only if you know that the server's certificate was replaced"};
    case CertificateFault::none:
    case CertificateFault::other:
      break;
  }
  return {"untrusted", step.error ? step.error->text : "the certificate is not trusted",
          "look at the server's certificate"};
}

std::string said_of(const net::ShownCertificate& shown) {
  return joined(shown.names) + ", from " + shown.issuer + ", until " + time_text(shown.not_after);
}

// ---- What the server says, or does not ----

Wrong wrong_protocol(const std::string& said) {
  if (said.starts_with("HTTP/") || said.starts_with("<"))  // or a page without a status line
    return {"http", "a web server answers here: \"" + said + "\"",
            "check the port: that of XMPP is 5222, with direct TLS 5223"};
  if (said.starts_with("\x15\x03") || said.starts_with("\x16\x03"))
    return {"direct-tls", "the server speaks TLS at once", "use xmpps:// for this port"};
  return {"not-xmpp", "what answers here speaks no XMPP: \"" + said + "\"",
          "check the port: that of XMPP is 5222, with direct TLS 5223"};
}

Wrong wrong_credentials(const Step& step, const Asked& asked) {
  const std::string& why = step.error->text;
  const std::string who = asked.account.empty() ? "this user" : asked.account;
  const auto condition = xmpp::sasl_condition_of(why);
  Wrong out{why, who + " is not let in: " + why, "check --account and the password"};
  if (!condition) out.cause = "not-authorized";
  if (condition == xmpp::SaslCondition::temporary_auth_failure) out.advice = "try again later";
  if (condition == xmpp::SaslCondition::account_disabled ||
      condition == xmpp::SaslCondition::credentials_expired)
    out.advice = "ask an admin of the server";
  if (condition == xmpp::SaslCondition::not_authorized && !asked.has_password)
    out.advice = "the server does not know this user: give --account and a password";
  return out;
}

Wrong wrong_mechanism(const Step& step, const Asked& asked) {
  const std::string offered = step.found.empty() ? "no mechanism" : "only " + joined(step.found);
  if (!asked.has_password)
    return {"no-common-mechanism", "the server offers " + offered + ", and there is no password",
            "give --account and a password"};
  return {"no-common-mechanism", "the server offers " + offered,
          "switch SCRAM-SHA-256 on at the server, or PLAIN under TLS"};
}

Wrong wrong_stream(const xmpp::LoginError& error, const Asked& asked) {
  const std::string name(xmpp::name_of(error.stream));
  const std::string text = error.text.empty() || error.text == name ? "" : ": " + error.text;
  if (error.stream == xmpp::StreamCondition::host_unknown ||
      error.stream == xmpp::StreamCondition::host_gone)
    return {name, "the server does not serve " + asked.domain,
            "name the domain of the server in --bus"};
  if (error.stream == xmpp::StreamCondition::policy_violation)
    return {name, "the server ended the stream with " + name + text,
            "it may have banned this address for a time: look at its log"};
  return {name, "the server ended the stream with " + name + text, "look at the server's log"};
}

Wrong wrong_login(const Step& step, const Asked& asked) {
  const xmpp::LoginError& error = *step.error;
  const std::string log = "look at the server's log";
  switch (error.kind) {
    case Login::timed_out:
      return {"silent",
              "connected, and no word from the server within " + seconds_text(asked.time_max),
              "the server hangs, or something else has this port: look at it on its host"};
    case Login::not_xmpp:
      return wrong_protocol(error.text);
    case Login::stream_error:
      return wrong_stream(error, asked);
    case Login::tls_not_offered:
      return {"tls-not-offered", "the server offers no TLS",
              "switch TLS on at the server: nothing is said to it in clear"};
    case Login::no_common_mechanism:
      return wrong_mechanism(step, asked);
    case Login::wrong_credentials:
      return wrong_credentials(step, asked);
    case Login::downgrade:
      return {"downgrade", "the server does not prove who it is: " + error.text,
              "somebody may stand in between: do not log in there"};
    case Login::bind_refused:
      return {error.text, "the server binds no resource: " + error.text,
              "close other sessions of this account, or ask an admin"};
    case Login::see_other_host:
      return {"see-other-host", "sent on to " + error.text + ", too many times", log};
    case Login::protocol:
      return {"protocol", "the server breaks the protocol: " + error.text, log};
    case Login::closed:
      // What a server says that takes our first words for a broken handshake is nothing.
      return {"closed", "the server closed the connection",
              step.kind == Kind::stream && !asked.address.starts_with("xmpps:")
                  ? log + "; a port with direct TLS wants xmpps://"
                  : log};
    case Login::untrusted:
    case Login::unreachable:
      break;
  }
  if (step.kind == Kind::tls) {
    constexpr std::string_view said = "TLS fails";  // what the session's own words begin with
    const std::string why = error.text.starts_with(said) ? error.text.substr(said.size()) : ": " + error.text;
    return {"handshake", "the TLS handshake fails" + why,
            "xmpps:// is for a port with direct TLS, xmpp:// for one with STARTTLS"};
  }
  return {"unreachable", error.text, "say with --bus where the bus is"};
}

Wrong wrong_of(const Step& step, const Asked& asked) {
  if (step.kind == Kind::records)
    return {"refused", step.subject + " says that there is no such service",
            "ask who runs the domain where its bus is"};
  if (step.kind == Kind::host) return wrong_host(step);
  if (step.kind == Kind::connect) return wrong_connect(step);
  if (step.kind == Kind::certificate) return wrong_certificate(step, asked);
  if (step.kind == Kind::address)
    return {"address", step.error ? step.error->text : "",
            asked.address.empty() ? "its folder must be yours alone (mode 0700); or give --bus"
                                  : "see `xbus help` for --bus"};
  return wrong_login(step, asked);
}

std::string said_of(const Step& step, const Asked& asked) {
  switch (step.kind) {
    case Kind::records:
      if (!step.found.empty()) return step.subject + ": " + joined(step.found);
      if (step.dialed && step.dialed->records == net::SrvAnswer::Kind::failed)
        return step.subject + ": no answer; the host itself is asked";
      return step.subject + ": none; the host itself is asked";
    case Kind::host:
      return step.subject + ": " + joined(step.found);
    case Kind::connect:
      return step.subject;
    case Kind::address:
      return joined(step.found);
    case Kind::stream:
      return "an XMPP server";
    case Kind::starttls:
      return "";
    case Kind::certificate:
      return step.certificate ? said_of(*step.certificate) : "";
    case Kind::mechanism:
      return step.chosen + " of " + joined(step.found);
    case Kind::login:
      return asked.account.empty() ? "" : asked.account;
    case Kind::tls:
    case Kind::bind:
      return step.chosen;
  }
  return {};
}

}  // namespace

std::string_view word_of(Step::Kind kind) {
  switch (kind) {
    case Kind::address:
      return "address";
    case Kind::records:
      return "srv";
    case Kind::host:
      return "host";
    case Kind::connect:
      return "connect";
    case Kind::stream:
      return "stream";
    case Kind::starttls:
      return "starttls";
    case Kind::certificate:
      return "certificate";
    case Kind::tls:
      return "tls";
    case Kind::mechanism:
      return "sasl";
    case Kind::login:
      return "login";
    case Kind::bind:
      break;
  }
  return "bind";
}

Finding finding_of(const Step& step, const Asked& asked) {
  Finding out;
  out.step = word_of(step.kind);
  out.took = step.took;
  if (step.done) {
    out.says = said_of(step, asked);
    return out;
  }
  Wrong wrong = wrong_of(step, asked);
  out.result = Result::failed;
  out.cause = std::move(wrong.cause);
  out.says = std::move(wrong.says);
  out.advice = std::move(wrong.advice);
  out.kind = FaultKind::unavailable;
  if (step.error) out.kind = fault_from(*step.error).kind();
  return out;
}

Finding registry_finding(const client::Answer& answer, const std::string& domain, Duration took) {
  Finding out;
  out.step = "registry";
  out.took = took;
  const std::string start = "start xbus-registry as the component " + domain +
                            " of the server; xbusd has its registry inside";
  try {
    const auto info = xmpp::disco_info_from(payload_or_fault(answer));
    if (info && info->has_feature(registry::ns_registry)) {
      out.says = domain;
      return out;
    }
    out = {Result::failed,
           "registry",
           domain + " is there and is no registry",
           "no-registry",
           start,
           FaultKind::unavailable,
           took};
  } catch (const Fault& fault) {
    const std::string* condition = fault.find_detail("condition");
    const bool silent = answer.kind == client::Answer::Kind::timed_out;
    out = {
        Result::failed, "registry", "nobody at " + domain + ": " + fault.message(),
        condition != nullptr ? *condition : std::string(fault.kind_name()), start,
        // Servers have many words for a domain that is not theirs; nobody is there in all of them.
        FaultKind::unavailable, took};
    if (silent) {
      out.kind = fault.kind();
      out.says = "no answer from " + domain;
      out.advice = "the registry hangs: look at it on its host";
    }
  }
  return out;
}

Finding call_finding(const Reply& reply, Duration deadline) {
  Finding out;
  out.step = "call";
  out.took = reply.took;
  if (reply.is_answer()) {
    // What it says of its methods does not matter: it works on calls.
    const size_t count = reply.value && reply.value->type() == Value::Type::array
                             ? reply.value->as_array().size()
                             : 0;
    out.says = reply.instance + (reply.value ? ": " + common::counted(count, "method")
                                             : ": " + std::string(reply.fault->kind_name()));
    return out;
  }
  out.result = Result::failed;
  out.kind = reply.fault->kind();
  out.cause = reply.fault->kind_name();
  if (out.kind == FaultKind::timeout) {
    out.says = reply.instance + " does not answer within " + seconds_text(deadline);
    out.advice = "its process hangs or is stopped: look at it on its host, restart it";
  } else {
    out.says = reply.instance + ": " + reply.fault->message();
    out.advice = "it has gone: `xbus list` shows who is there";
  }
  return out;
}

}  // namespace xbus::cli
