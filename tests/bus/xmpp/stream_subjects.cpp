#include "tests/bus/xmpp/stream_subjects.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp::testing {
namespace {

constexpr std::string_view salt = "0123456789abcdef";

// "end CONDITION" or "end"; false for another event.
template <class Machine>
bool end(Machine& machine, const std::string& what) {
  if (what == "timeout") {
    machine.on_login_timeout();
  } else if (what == "end") {
    machine.end();
  } else if (what.starts_with("end ")) {
    machine.end(stream_condition_of(std::string_view(what).substr(4)).value());
  } else {
    return false;
  }
  return true;
}

std::string_view name_of_kind(LoginError::Kind kind) {
  using Kind = LoginError::Kind;
  switch (kind) {
    case Kind::stream_error:
      return "stream_error";
    case Kind::tls_not_offered:
      return "tls_not_offered";
    case Kind::untrusted:
      return "untrusted";
    case Kind::no_common_mechanism:
      return "no_common_mechanism";
    case Kind::wrong_credentials:
      return "wrong_credentials";
    case Kind::downgrade:
      return "downgrade";
    case Kind::bind_refused:
      return "bind_refused";
    case Kind::see_other_host:
      return "see_other_host";
    case Kind::protocol:
      return "protocol";
    case Kind::not_xmpp:
      return "not_xmpp";
    case Kind::unreachable:
      return "unreachable";
    case Kind::timed_out:
      return "timed_out";
    case Kind::closed:
      return "closed";
  }
  return "";
}

}  // namespace

net::TlsFacts tls_facts() {
  net::TlsFacts facts;
  facts.version = "TLSv1.3";
  facts.exporter = "thirty-two octets of one channel";
  facts.server_end_point = "the hash of the certificate";
  return facts;
}

ServerSubject::ServerSubject(ServerStreamOptions o)
    : options(std::move(o)), machine(options, *this) {}

void ServerSubject::happen(const std::string& what) {
  if (what == "secured") return machine.on_secured(tls_facts());
  if (what == "secured with certificate") {
    auto facts = tls_facts();
    facts.peer_certificate = true;
    return machine.on_secured(facts);
  }
  if (what == "password yes") return machine.on_password(true);
  if (what == "password no") return machine.on_password(false);
  if (!end(machine, what)) ADD_FAILURE() << what;
}

std::optional<ScramKeys> ServerSubject::scram_keys(std::string_view local, ScramHash hash) {
  if (local != "alice") return std::nullopt;
  return make_scram_keys("secret", salt, limits::scram_iterations_default, hash);
}

void ServerSubject::check_password(std::string_view local, std::string_view password) {
  is("check_password " + std::string(local) + " " + std::string(password));
}

std::optional<std::string> ServerSubject::external_account(std::string_view authzid) {
  if (authzid == "nobody@example.org") return std::nullopt;
  return "alice";
}

void ServerSubject::authenticated(std::string_view local, std::string_view mechanism) {
  is("authenticated " + std::string(local) + " " + std::string(mechanism));
}

void ServerSubject::login_failed(std::string_view local, std::string_view mechanism) {
  is("login_failed " + std::string(local) + " " + std::string(mechanism));
}

Result<Jid, StanzaError> ServerSubject::bind(std::string_view resource) {
  is("bind " + std::string(resource));
  if (resource == "taken") return Err{StanzaError(Condition::conflict)};
  return *Jid::make("alice", "example.org", resource.empty() ? "chosen" : resource);
}

void ServerSubject::deliver(const xml::StanzaView& stanza, const xml::HeaderView&) {
  is("deliver " + std::string(stanza.bytes));
}

void ClientReport::failed(const LoginError& error) {
  std::string text = "failed " + std::string(name_of_kind(error.kind));
  if (error.kind == LoginError::Kind::stream_error || error.kind == LoginError::Kind::protocol)
    text += " [" + std::string(name_of(error.stream)) + "]";
  is(text + (error.text.empty() ? "" : " " + error.text));
}

void ClientSubject::happen(const std::string& what) {
  if (what == "start") return machine.start();
  if (what == "secured") return machine.on_secured(tls_facts());
  if (what == "hashed") return hashed(later.run());
  if (what == "end") return machine.end();
  ADD_FAILURE() << what;
}

void ComponentSubject::happen(const std::string& what) {
  if (what == "start") return machine.start();
  if (what == "end") return machine.end();
  ADD_FAILURE() << what;
}

void AcceptSubject::happen(const std::string& what) {
  if (what == "taken") {
    taken_ = true;
  } else if (!end(machine, what)) {
    ADD_FAILURE() << what;
  }
}

std::optional<std::string> AcceptSubject::component_secret(std::string_view domain) {
  if (domain != "plays.example.org") return std::nullopt;
  return "secret";
}

bool AcceptSubject::attach(const Jid& domain) {
  is("attach " + domain.str());
  return !taken_;
}

}  // namespace xbus::xmpp::testing
