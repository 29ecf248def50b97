// The stream machines as subjects of dialogues, with one account: alice@example.org, password
// "secret".
#pragma once
#include <string>

#include "bus/xmpp/client_stream.hpp"
#include "bus/xmpp/component_stream.hpp"
#include "bus/xmpp/server_stream.hpp"
#include "tests/bus/xmpp/dialogue.hpp"

namespace xbus::xmpp::testing {

// What the fake TLS of these tests proves.
net::TlsFacts tls_facts();

// Happens: "secured", "secured with certificate", "password yes", "password no", "timeout", "end",
// "end CONDITION". Is: "start_tls", "check_password USER PASSWORD", "authenticated USER MECHANISM",
// "login_failed USER MECHANISM", "bind RESOURCE", "deliver BYTES", "close".
// Bind answers alice@example.org/RESOURCE, /chosen for none, conflict for "taken".
class ServerSubject : public Subject, public ServerStream::Actions {
 public:
  explicit ServerSubject(ServerStreamOptions options);
  size_t on_bytes(std::string_view window) override { return machine.on_bytes(window); }
  void happen(const std::string& what) override;

  void send(std::string_view bytes) override { said(bytes); }
  void start_tls() override { is("start_tls"); }
  std::optional<ScramKeys> scram_keys(std::string_view local, ScramHash hash) override;
  void check_password(std::string_view local, std::string_view password) override;
  std::optional<std::string> external_account(std::string_view authzid) override;
  void authenticated(std::string_view local, std::string_view mechanism) override;
  void login_failed(std::string_view local, std::string_view mechanism) override;
  Result<Jid, StanzaError> bind(std::string_view resource) override;
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) override;
  void close() override { is("close"); }

  const ServerStreamOptions options;
  ServerStream machine;
};

// What the client's machines report. Is: "start_tls", "established JID", "deliver BYTES", "failed
// KIND [STREAM-CONDITION] TEXT", "close".
class ClientReport : public Subject, public ClientStream::Actions {
 public:
  void send(std::string_view bytes) override { said(bytes); }
  void start_tls() override { is("start_tls"); }
  void hash_password(ScramWork work) override {
    if (hashes_later) {
      is("hash_password " + work.password);
      later = std::move(work);
    } else {
      hashed(work.run());
    }
  }
  void established(const Jid& jid) override { is("established " + jid.str()); }
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override {
    is("deliver " + std::string(stanza.bytes));
  }
  void failed(const LoginError& error) override;
  void close() override { is("close"); }

  bool hashes_later = false;  // "hash_password" is reported, "hashed" answers

 protected:
  virtual void hashed(std::string) {}
  ScramWork later;
};

// Happens: "start", "secured", "end", "hashed".
class ClientSubject : public ClientReport {
 public:
  explicit ClientSubject(ClientStreamOptions options) : machine(std::move(options), *this) {}
  size_t on_bytes(std::string_view window) override { return machine.on_bytes(window); }
  void happen(const std::string& what) override;
  ClientStream machine;

 private:
  void hashed(std::string salted) override { machine.on_password_hashed(salted); }
};

// Happens: "start", "end".
class ComponentSubject : public ClientReport {
 public:
  ComponentSubject(std::string domain, std::string secret)
      : machine(std::move(domain), std::move(secret), *this) {}
  size_t on_bytes(std::string_view window) override { return machine.on_bytes(window); }
  void happen(const std::string& what) override;
  ComponentStream machine;
};

// Serves plays.example.org, secret "secret". Happens: "timeout", "end", "end CONDITION", "taken"
// (the domain is connected already). Is: "attach DOMAIN", "deliver BYTES", "close".
class AcceptSubject : public Subject, public ComponentAcceptStream::Actions {
 public:
  AcceptSubject() : machine(limits::stanza_bytes_max, *this) {}
  size_t on_bytes(std::string_view window) override { return machine.on_bytes(window); }
  void happen(const std::string& what) override;
  void send(std::string_view bytes) override { said(bytes); }
  std::optional<std::string> component_secret(std::string_view domain) override;
  bool attach(const Jid& domain) override;
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override {
    is("deliver " + std::string(stanza.bytes));
  }
  void close() override { is("close"); }
  ComponentAcceptStream machine;

 private:
  bool taken_ = false;
};

}  // namespace xbus::xmpp::testing
