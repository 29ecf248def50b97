// A whole bus in one thread for plays: the server on a virtual clock with a store in memory, and
// actors that speak plain text to it over the in-memory pipe.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/net/pipe.hpp"
#include "bus/net/virtual_loop.hpp"
#include "bus/server/server.hpp"
#include "bus/store/memory_store.hpp"
#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/entity.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::server {

struct LogLine {
  std::string level, event;
  std::vector<std::pair<std::string, std::string>> fields;
};

class Bus {
 public:
  explicit Bus(Options options = {},
               std::unique_ptr<store::Store> with = store::make_memory_store());

  void settle() { loop.run_until_idle(); }

  net::VirtualLoop loop;
  std::unique_ptr<store::Store> store;
  std::vector<LogLine> log;
  Server server;
};

// One connection. What it reads is held until asked for.
class Actor final : public net::Transport::Handler {
 public:
  // As a local user with that name, over what stands for a unix socket.
  Actor(Bus& bus, std::string local);
  // On another listener, without logging in.
  Actor(Bus& bus, ListenerKind kind);
  // The same from an address of the network.
  Actor(Bus& bus, ListenerKind kind, const net::PeerAddress& from);
  ~Actor() = default;

  // Logs in and binds; the full JID.
  std::string login(std::string_view resource, std::string_view header = default_header);
  // Logs in and sends initial presence.
  std::string appear(std::string_view resource, int priority = 0);

  void send(std::string_view text);
  // Without waiting for what comes of it.
  void put(std::string_view text);
  // The stanzas read since the last call, after everything has settled.
  std::vector<xml::Element> stanzas();
  // The same written out, for one line a stanza.
  std::vector<std::string> texts();
  // Everything read since the last call, as bytes.
  std::string bytes();
  void forget() { stanzas(); }
  bool closed() const { return closed_; }
  void hang_up();       // without a word
  void stop_reading();  // the socket fills up
  void read_again();
  const std::string& all() const { return all_; }  // since the connection was made
  size_t unsent() const { return outgoing_.size(); }  // that the bus has not taken

  static constexpr std::string_view default_header =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
      "to='localhost' "
      "version='1.0'>";
  const std::string& jid() const { return jid_; }

 private:
  void on_data(std::string_view bytes) override;
  void on_writable() override;
  void on_secured(const net::TlsFacts&) override {}
  void on_closed(net::CloseReason, std::string_view) override { closed_ = true; }
  void flush();

  Bus& bus_;
  std::unique_ptr<net::Transport> transport_;
  std::string outgoing_, all_, unread_, jid_;
  xml::Scanner scanner_;
  bool closed_ = false;
};

// An Entity that keeps what it is sent.
class ListeningEntity final : public xmpp::Entity {
 public:
  void on_connected(xmpp::EntityPort& port_given) override { port = &port_given; }
  void on_disconnected() override { port = nullptr; }
  void on_stanza(const xml::Element& stanza) override { got.push_back(stanza); }

  xmpp::EntityPort* port = nullptr;
  std::vector<xml::Element> got;
};

// The condition of a stanza error, or what there is instead.
std::string condition_of(const xml::Element& stanza);

}  // namespace xbus::server
