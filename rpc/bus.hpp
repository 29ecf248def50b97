// Bus: a connection to the bus, with what calls and services need: who is there, where calls go, what is served.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/client/client.hpp"
#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/net/loop.hpp"
#include "bus/task.hpp"
#include "rpc/callee.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/remote.hpp"
#include "rpc/service.hpp"

namespace xbus {

struct BusOptions {
  // Whether connect() gives up when nobody is there, or tries until somebody is.
  enum class Patience : uint8_t { once, until_there };

  // Where and as whom. Default: $XBUS_BUS, the per-user socket, the system socket, as the peer that the kernel sees.
  client::Options connection = {};
  std::string registry_domain = {};       // empty: services.DOMAIN
  std::vector<std::string> bridges = {};  // JIDs that may call on behalf of others
  Patience patience = Patience::once;
  // Calls outlive a connection that is lost (XEP-0198), as long as nothing is served here: what serves is to be missed at
  // once. So serve() comes soon after connect(), within the half second before the bus is asked to keep the session; a
  // session that is kept already stays so, and the registry finds a dead instance of it by asking (30 s).
  bool resume = true;
  uint32_t weight = 1;                    // share of calls of what is served here, 1 to 100
  Duration drain_time = std::chrono::seconds(30);  // how long calls that run may take when leaving
  // The options of a component (XEP-0114), which has a domain of its own: `address` is the server's component port,
  // tcp://HOST:PORT on loopback or xmpps://HOST:PORT. What is served there is called by the domain.
  static BusOptions component(std::string address, std::string domain, std::string secret);
  // One line for the log: a crashed handler, a refused registration. Empty: stderr.
  std::function<void(LogLevel level, std::string_view line)> log = {};
  LogLevel log_level = LogLevel::info;  // what is below is not logged; changed by system.logLevel
  std::function<void(LogLevel)> on_log_level = {};  // it has been changed
  // Of run() and common::serve: where the program tells its metrics, "[ADDRESS:]PORT" (loopback without ADDRESS), over
  // HTTP at /metrics. Empty: nowhere.
  std::string metrics = {};
  // The connection has ended for good, and why: another session has taken its place, the account is gone, the bus is not
  // to be trusted any more. Not called by close(), nor when connect() itself fails.
  std::function<void(const Fault&)> on_closed = {};
  // system.drain has been asked for. Empty: the service leaves the bus, and that is all.
  std::function<void()> on_drain = {};
};

// Lives on one loop and is used from it; only Remote::call_wait comes from other threads. Not movable.
class Bus {
 public:
  Bus(net::Loop& loop, BusOptions options);
  // Over transports of its own making: the pipe of a LocalBus.
  Bus(net::Loop& loop, BusOptions options, std::function<std::unique_ptr<net::Transport>()> make_transport);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Connects and logs in. Faults: unavailable (nobody there), not_logged_in (refused). Afterwards the connection is
  // kept by itself, and what is served is registered anew after each loss.
  Task<void> connect();
  // Leaves: services drain (away, running calls finish, gone), then the stream ends.
  Task<void> close();

  // The service of that name: calls go to its live instances, the least busy of two drawn by weight.
  Remote service(std::string name);
  // One entity by its JID: a full JID, a component, or NAME@services.DOMAIN to go through the registry.
  Remote entity(std::string jid);

  // Puts the service on the bus and completes when the registry has listed it; while there is no registry it is asked
  // again and again. One service a connection: a call names a method and no service. Faults: already_exists (the name
  // is another's), forbidden, busy (too many names), unavailable (not connected). The service must outlive the bus.
  // A component's service is there as soon as it is put up; whether the registry lists it too is told in the log.
  Task<void> serve(Service& service);
  // Takes it off again: away, running calls finish within drain_time, gone.
  Task<void> leave(Service& service);
  // Says it to the registry: dnd = full, away = no new calls. With `available`, as it is at first, dnd is said by itself
  // while the service is at its limit (Service::at_once).
  void set_state(registry::InstanceState state);

  // Every live service that the account may see, from the registry, page by page within `timeout`.
  Task<std::vector<registry::ServiceInfo>> list(Duration timeout = limits::call_time_default);
  // Every name that has an owner, live or not, likewise.
  Task<std::vector<registry::NameInfo>> names(Duration timeout = limits::call_time_default);
  // The live instances of one; empty when there are none.
  Task<std::vector<registry::InstanceInfo>> instances(std::string name);

  const xmpp::Jid& jid() const;
  const std::string& registry_domain() const;
  client::Client& client();
  net::Loop& loop();
  // What is held now of calls and answers that travel in pieces, in both directions, in bytes.
  size_t bytes_in_pieces() const;
  // What works on the calls to the service that is served here; nullptr when none is.
  const Callee* callee() const;

 private:
  friend class Remote;
  void end_events();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus
