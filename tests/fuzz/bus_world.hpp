// A whole bus for a fuzzer: server, registry and peers in one thread over pipes, with an account of
// every request that was made and of what became of it.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bus/net/pipe.hpp"
#include "bus/net/virtual_loop.hpp"
#include "bus/server/server.hpp"
#include "bus/store/memory_store.hpp"
#include "bus/xml/element.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::fuzz {

inline constexpr std::string_view ns_marks =
    "urn:xbus:fuzz";  // of what tells our requests and answers apart

// Says what is wrong and stops.
[[noreturn]] void broken(std::string_view what, std::string_view detail = {});

// A request that a peer has made.
struct Request {
  uint64_t sender = 0;  // the session
  std::string to;
  bool dispatched = false;  // to a service address: the registry stands between
  int delivered = 0;        // to peers
  int answered_by_bus = 0;  // as the sender saw it
};

class World;

// One connection, and what its owner does with it.
class Peer final : public net::Transport::Handler {
 public:
  enum class Kind : uint8_t { user, component, stranger };

  Peer(World& world, Kind kind, std::string name, uint64_t session);
  void log_in(std::string_view resource);
  void send(std::string_view text);
  void answer(uint8_t how);  // the oldest request that waits here
  void pause();
  void resume();
  void hang_up();
  void check() const;  // what it has read is a stream, to expat too
  bool usable() const { return transport_ && !closed; }

  const Kind kind;
  const std::string name;
  const uint64_t session;
  std::string jid;       // once bound
  bool innocent = true;  // has done nothing for which its stream may be ended
  bool closed = false;
  bool paused = false;
  size_t pings = 0;  // answers to the witness's own request

 private:
  void on_data(std::string_view bytes) override;
  void on_writable() override { flush(); }
  void on_secured(const net::TlsFacts&) override {}
  void on_closed(net::CloseReason, std::string_view) override;
  void flush();
  void take(const xml::Element& stanza);

  World& world_;
  std::unique_ptr<net::Transport> transport_;
  std::string outgoing_, all_, unread_;
  xml::Scanner scanner_;
  std::deque<xml::Element> waiting_;
};

class World {
 public:
  // Ids hold the tag, so that bytes made up by the fuzzer do not hit one.
  explicit World(uint64_t tag);
  ~World();

  Peer& connect(Peer::Kind kind, std::string name);
  void request(Peer& from, std::string_view to, std::string_view type, std::string_view payload);
  void settle() { loop.run_until_idle(); }
  // Everybody reads, the clock passes every deadline, and then the accounts must be right.
  void finish();

  net::VirtualLoop loop;
  std::unique_ptr<store::Store> store = store::make_memory_store();
  registry::Registry registry;
  server::Server server;
  std::deque<std::unique_ptr<Peer>> peers;  // those that are gone too
  std::map<std::string, Request> requests;
  std::set<std::string> lost;  // addresses of sessions that ended with bytes unread

 private:
  std::string tag_;
};

}  // namespace xbus::fuzz
