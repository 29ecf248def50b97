#include "tests/bus/client/test_server.hpp"

#include "bus/crypto/random.hpp"

namespace xbus::client {

struct TestServer::Session final : net::Transport::Handler,
                                   xmpp::ServerStream::Actions,
                                   xmpp::ComponentAcceptStream::Actions {
  Session(TestServer& owner, std::unique_ptr<net::Transport> given)
      : server(owner), transport(std::move(given)) {
    if (server.component) {
      as_component.emplace(limits::stanza_bytes_max, *this);
    } else {
      stream.emplace(server.options, *this);
    }
    transport->start(*this);
    if (server.direct_tls) transport->start_tls(server.tls, {});
  }

  void on_data(std::string_view bytes) override {
    ++server.data_calls;
    if (server.silent) return;
    in.append(bytes);
    pump();
  }
  void pump() { in.erase(0, as_component ? as_component->on_bytes(in) : stream->on_bytes(in)); }
  void on_writable() override { flush(); }
  void on_secured(const net::TlsFacts& facts) override {
    if (stream) stream->on_secured(facts);
  }
  void on_closed(net::CloseReason, std::string_view) override { gone = true; }

  void send(std::string_view bytes) override {
    out.append(bytes);
    flush();
  }
  void flush() {
    if (gone) return;
    out.erase(0, transport->write_one(out));
    if (out.empty() && closing) transport->close();
  }
  void start_tls() override { transport->start_tls(server.tls, {}); }
  std::optional<xmpp::ScramKeys> scram_keys(std::string_view local, xmpp::ScramHash hash) override {
    if (local != server.account) return {};
    if (server.keys) return server.keys;
    return xmpp::make_scram_keys(server.password, "0123456789abcdef", 4096, hash);
  }
  void check_password(std::string_view local, std::string_view said) override {
    auto right = local == server.account && said == server.password;
    server.loop_.post([this, right] {
      stream->on_password(right);
      pump();
    });
  }
  std::optional<std::string> external_account(std::string_view) override {
    if (server.refuse_external) return {};
    return server.account;
  }
  void authenticated(std::string_view, std::string_view) override {}
  void login_failed(std::string_view, std::string_view) override {}
  Result<xmpp::Jid, xmpp::StanzaError> bind(std::string_view resource) override {
    auto text = resource.empty() ? crypto::random_id() : std::string(resource);
    return *xmpp::Jid::make(server.account, server.options.domain, text);
  }
  std::optional<std::string> component_secret(std::string_view) override { return server.component_secret; }
  bool attach(const xmpp::Jid&) override { return true; }
  void deliver(const xml::StanzaView& view, const xml::HeaderView& header) override {
    server.received.push_back(xml::build(view, header));
    auto stanza = server.received.back();
    if (server.on_stanza) server.on_stanza(stanza);
  }
  void close() override {
    closing = true;
    flush();
  }

  TestServer& server;
  std::unique_ptr<net::Transport> transport;
  std::optional<xmpp::ServerStream> stream;
  std::optional<xmpp::ComponentAcceptStream> as_component;
  std::string in, out;
  bool closing = false, gone = false;
};

TestServer::TestServer(net::Loop& loop) : loop_(loop) {}

TestServer::~TestServer() = default;

std::unique_ptr<net::Transport> TestServer::connect() {
  if (down) return {};
  auto ends = net::make_pipe(loop_, pipe);
  take(std::move(ends.second));
  return std::move(ends.first);
}

void TestServer::take(std::unique_ptr<net::Transport> transport) {
  ++connections;
  sessions_.push_back(std::make_unique<Session>(*this, std::move(transport)));
}

void TestServer::send(const std::string& xml) { sessions_.back()->send(xml); }

void TestServer::end(xmpp::StreamCondition condition) {
  auto& session = *sessions_.back();
  if (session.as_component) session.as_component->end(condition);
  else session.stream->end(condition);
}

void TestServer::drop() {
  sessions_.back()->gone = true;
  sessions_.back()->transport.reset();
}

bool TestServer::online() const {
  if (sessions_.empty() || sessions_.back()->gone) return false;
  auto& session = *sessions_.back();
  return session.as_component ? session.as_component->established() : session.stream->established();
}

std::shared_ptr<bool> collect(Task<void> task) {
  auto done = std::make_shared<bool>(false);
  spawn([](Task<void> inner, std::shared_ptr<bool> into) -> Task<void> {
    co_await inner;
    *into = true;
  }(std::move(task), done));
  return done;
}

}  // namespace xbus::client
