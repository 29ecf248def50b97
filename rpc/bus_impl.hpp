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
#include "rpc/bot.hpp"
#include "rpc/bus.hpp"
#include "rpc/commands.hpp"
#include "rpc/directory.hpp"
#include "rpc/face.hpp"
#include "rpc/fullness.hpp"
#include "rpc/peers.hpp"
#include "rpc/piece_inbox.hpp"
#include "rpc/piece_sender.hpp"
#include "rpc/registration.hpp"

namespace xbus {

struct Cancel::State {
  bool cancelled = false;
  uint64_t last = 0;
  std::map<uint64_t, std::function<void()>> stops;
};

// What a Cancel does to one request, as long as this lives; without a Cancel nothing.
class CancelStop {
 public:
  CancelStop(const std::optional<Cancel>& cancel, std::function<void()> stop);
  ~CancelStop();
  CancelStop(const CancelStop&) = delete;
  CancelStop& operator=(const CancelStop&) = delete;

 private:
  std::shared_ptr<Cancel::State> state_;
  uint64_t place_ = 0;
};

// What is served on this connection: one service, since a call names a method and no service.
struct Served {
  Service* service = nullptr;
  std::unique_ptr<Callee> callee;
  std::unique_ptr<Bot> bot;
  std::unique_ptr<Commands> commands;
  std::unique_ptr<Registration> registration;
  std::optional<Completion<std::optional<Fault>>> first;  // until the registry has said yes or no
  std::unique_ptr<net::Timer> deadline;
  Time armed{};
  size_t load = 0;  // as the registry was told
  bool draining = false;  // system.drain has been called
  std::string refused;  // why it does not list us, as the log was told
  std::unique_ptr<net::Timer> load_timer;
  registry::InstanceState wanted = registry::InstanceState::available;  // as the program says
  Fullness fullness;
  std::unique_ptr<net::Timer> full_timer;
  std::vector<std::shared_ptr<EventSource>> events;  // begun; the service itself may be gone before the bus
};

struct Bus::Impl {
  Impl(net::Loop& loop, BusOptions options, std::unique_ptr<client::Client> client);
  ~Impl();

  // ---- Calls (bus_call.cpp) ----
  Task<Value> call(Remote remote, std::string method, Value::Array args);
  // All attempts of it.
  Task<Outcome> repeat(Remote remote, std::string method, Value::Array args);
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
  // nullopt: cancelled.
  Task<std::optional<client::Answer>> ask(const Target& target, const xml::Element& payload, const CallOptions& options,
                                          const std::string& call_id, Time until);
  Outcome outcome_of(const client::Answer& answer, const Target& target);
  Task<void> notify(Remote remote, std::string method, Value::Array args);
  Task<void> sleep(Duration time);

  // ---- What is larger than one stanza (bus_pieces.cpp) ----
  struct InPieces {
    InPieces(Impl& impl);
    PieceQuota quota;
    PieceInbox inbox;
    PieceSender sender;
    net::Timer silence;
  };
  std::optional<xmpp::StanzaError> refuses(const xmpp::Jid& from, pieces::Kind kind) const;
  void on_pieces(const xml::Element& iq);
  // False for a message that is not about pieces.
  bool on_pieces_message(const xml::Element& message);
  // Puts what the peer has sent in the place of the <whole/> in `holder`, or says why it cannot.
  std::optional<xmpp::StanzaError> make_whole(xml::Element& holder, const xmpp::Jid& from, pieces::Kind kind);
  // Sends a call in pieces; gives the <whole/> that stands for it.
  Task<Result<xml::Element, Fault>> deliver(const Target& target, const xml::Element& query, const CallOptions& options,
                                            Time until);
  // Takes over an answer that send() has refused; false when it is none that travels in pieces.
  bool answer_in_pieces(const xml::Element& answer);
  Task<void> deliver_answer(xml::Element head, PieceSender::Message message);
  void watch_silence();

  // ---- Services (bus_serve.cpp) ----
  void put_up(Service& service);
  Task<void> serve(Service& service);
  Task<void> leave();
  Task<void> take_down();
  Task<void> drain_soon();
  void open_front();
  void arm();
  void on_registered(const std::optional<Fault>& fault);
  void watch_load();
  void watch_fullness();
  void say(registry::InstanceState state);
  void say_state();
  bool send(xml::Element stanza);

  void on_state(client::State state);
  void log(LogLevel level, const std::string& line) const;
  const std::string& registry_domain() const;
  bool is_component() const { return !options.connection.component_secret.empty(); }
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
  std::unique_ptr<InPieces> in_pieces;  // before the client, whose end is the end of what it sends
  std::unique_ptr<client::Client> client;
  std::unique_ptr<client::DiscoResponder> face;
  std::optional<Peers> peers;
  std::unique_ptr<Directory> directory;  // stands while connected once
};

}  // namespace xbus
