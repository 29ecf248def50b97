// The inside of a Bus: what its files share. Not for includes from elsewhere.
#pragma once
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "bus/net/timer.hpp"
#include "rpc/balance.hpp"
#include "rpc/bus.hpp"
#include "rpc/directory.hpp"
#include "rpc/face.hpp"
#include "rpc/peers.hpp"
#include "rpc/registration.hpp"

namespace xbus {

struct Cancel::State {
  bool cancelled = false;
  std::map<uint64_t, std::function<void()>> stops;  // by the token of the request
};

// What is served on this connection: one service, since a call names a method and no service.
struct Served {
  Service* service = nullptr;
  std::unique_ptr<Callee> callee;
  std::unique_ptr<Registration> registration;
  std::optional<Completion<std::optional<Fault>>> first;  // until the registry has said yes or no
  std::unique_ptr<net::Timer> deadline;
  Time armed{};
  size_t load = 0;  // as the registry was told
  bool draining = false;  // system.drain has been called
  std::unique_ptr<net::Timer> load_timer;
};

struct Bus::Impl {
  Impl(net::Loop& loop, BusOptions options, std::unique_ptr<client::Client> client);
  ~Impl();

  // ---- Calls (bus_call.cpp) ----
  Task<Value> call(Remote remote, std::string method, Value::Array args);
  struct Attempt {
    bool sent_key = false;  // the callee knows what an idempotency key is
  };
  Task<Outcome> attempt(const Remote& remote, const std::string& method, const Value::Array& args, Time until,
                        Attempt& attempt);
  struct Target {
    xmpp::Jid jid;
    jabber_rpc::Dialect dialect = jabber_rpc::Dialect::strict;
  };
  Task<Result<Target, Fault>> find(const Remote& remote, const std::string& method, Time until);
  Task<Outcome> exchange(const Target& target, const xml::Element& query, const CallOptions& options,
                         const std::string& call_id, Time until);
  Outcome outcome_of(const client::Answer& answer, const Target& target);
  Task<void> notify(Remote remote, std::string method, Value::Array args);
  Task<void> sleep(Duration time);

  // ---- Services (bus_serve.cpp) ----
  void put_up(Service& service);
  Task<void> serve(Service& service);
  Task<void> leave();
  Task<void> take_down();
  Task<void> drain_soon();
  void arm();
  void watch_load();
  bool send(xml::Element stanza);

  void on_state(client::State state);
  void log(LogLevel level, const std::string& line) const;
  const std::string& registry_domain() const;
  // The domain of the bus: the connection's own, or where it is a component the one that this is a part of.
  std::string bus_domain() const;

  net::Loop& loop;
  BusOptions options;
  std::thread::id thread = std::this_thread::get_id();
  std::string registry_domain_;
  Balance balance;
  std::optional<Served> served;
  std::list<Completion<bool>> sleeping;
  std::function<void()> gave_up;  // ends a connect() that does not wait for the bus to come
  bool closing = false;
  uint64_t calls = 0;
  std::unique_ptr<client::Client> client;
  std::unique_ptr<client::DiscoResponder> face;
  std::optional<Peers> peers;
  std::unique_ptr<Directory> directory;  // stands while connected once
};

}  // namespace xbus
