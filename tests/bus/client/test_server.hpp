// A server of the simplest kind, on the server's own stream machines: what the client is tried against.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/net/loop.hpp"
#include "bus/net/pipe.hpp"
#include "bus/net/transport.hpp"
#include "bus/task.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/component_stream.hpp"
#include "bus/xmpp/server_stream.hpp"

namespace xbus::client {

class TestServer {
 public:
  explicit TestServer(net::Loop& loop);
  ~TestServer();

  // The client's end of a new pipe, for Client's make_transport. Null while `down`.
  std::unique_ptr<net::Transport> connect();
  void take(std::unique_ptr<net::Transport> transport);

  void send(const std::string& xml);  // on the last session, as it stands
  void send(const xml::Element& stanza) { send(xml::write(stanza, content_ns())); }
  void end(xmpp::StreamCondition condition);  // a stream error on the last session
  void drop();                                // the connection ends without a word
  bool online() const;
  std::string content_ns() const { return component ? "jabber:component:accept" : "jabber:client"; }

  // What came, and who hears it first.
  std::vector<xml::Element> received;
  std::function<void(const xml::Element&)> on_stanza;
  // What it does.
  xmpp::ServerStreamOptions options{.domain = "bus.example",
                                    .tls = xmpp::ServerStreamOptions::Tls::done,
                                    .external_by_uid = true};
  std::shared_ptr<net::TlsContext> tls;
  bool direct_tls = false;
  bool component = false;  // speak XEP-0114
  net::PipeOptions pipe;
  std::string account = "juliet", password = "secret", component_secret = "open sesame";
  std::optional<xmpp::ScramKeys> keys;  // instead of the password's
  bool down = false;    // nobody there
  bool silent = false;  // takes connections and says nothing
  bool refuse_external = false;
  int connections = 0;
  int data_calls = 0;  // reads, of all sessions

 private:
  struct Session;
  net::Loop& loop_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

// Runs `task` and keeps what it gave.
template <class T>
std::shared_ptr<std::optional<T>> collect(Task<T> task) {
  auto kept = std::make_shared<std::optional<T>>();
  spawn([](Task<T> inner, std::shared_ptr<std::optional<T>> into) -> Task<void> {
    into->emplace(co_await inner);
  }(std::move(task), kept));
  return kept;
}
std::shared_ptr<bool> collect(Task<void> task);

}  // namespace xbus::client
