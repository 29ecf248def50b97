// What every part of the server shares: the routes, the accounts, the lock over them, and the rules
// that move a stanza from one to the other. Server::Impl is this.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/net/workers.hpp"
#include "bus/router/outbox.hpp"
#include "bus/router/routes.hpp"
#include "bus/server/accounts.hpp"
#include "bus/server/core.hpp"
#include "bus/server/counters.hpp"
#include "bus/server/iq.hpp"
#include "bus/server/login_guard.hpp"
#include "bus/server/offline.hpp"
#include "bus/server/parcel.hpp"
#include "bus/server/resumption.hpp"
#include "bus/server/roster.hpp"
#include "bus/server/server.hpp"
#include "bus/server/taps.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/server_stream.hpp"

namespace xbus::server {

class Session;
class EntityHost;

class Hub {
 public:
  Hub(Options given, std::vector<net::Loop*> loops, store::Store& kept, Log log_to);
  ~Hub();

  // The lock, and which loop holds it. Work that must not run inside a stream machine is done on
  // the way out.
  class Enter {
   public:
    Enter(Hub& hub, Core* core);
    ~Enter();

   private:
    Hub& hub_;
    std::unique_lock<std::mutex> lock_;
  };

  // ---- Routing (deliver.cpp); all under the lock ----

  // A stanza of an established client session.
  void from_session(Session& session, const xml::StanzaView& stanza, const xml::HeaderView& header);
  // Sends a stanza made inside the server or by an entity: to and from set.
  void send(const xml::Element& stanza);
  void send(const xml::Element& stanza, const xmpp::Jid& from);
  // To wherever its `to` leads; prepared.
  void route(Parcel& parcel);
  // The account that pays for what waits of this stanza inside the server; nullptr: it has none
  // connected.
  router::Owner* payer_of(const Parcel& parcel);
  // Into the queue of one resource. Over the bound: the error, the offline store or the counter.
  bool deliver(Parcel& parcel, router::Slot& slot);
  // The one function for what cannot be delivered: the standard error to the sender, where one may
  // be sent.
  void refuse(Parcel& parcel, const xmpp::StanzaError& error);
  // `why`: a few constant words.
  void drop(const Parcel& parcel, std::string_view why);

  // A stanza, to and from set, that a session never got: back to its sender, or on to the account's
  // other resources.
  void undelivered(const xml::Element& stanza);

  // ---- For later ----
  // What the store calls when a write is done: `fn` then runs on the main loop under the lock,
  // unless the server has gone.
  store::Store::Done on_main(std::function<void(Hub&, bool ok)> fn);
  // On the main loop: a change could not be written. A line for each would be one more thing to flood, and the store
  // tells of its trouble itself, so this is an error at most every ten seconds of each event, and else for debugging.
  // `event`: constant words.
  void log_unwritten(std::string_view event, std::pair<std::string_view, std::string> about);
  // An address failed to log in: counts it, ends what else it has not logged in with where that is
  // the one too many. How long its answer waits.
  Duration login_failed(Link& link);
  // What may change while the server runs.
  void configure(const Options& changed);
  // Work that would hold the lock for long. `part` does some of it under the lock and says whether
  // there is more: now, and while there is, once more after the main loop has looked at its sockets.
  void in_parts(std::function<bool()> part);
  bool has_parts_left() const { return !in_parts_.empty(); }
  // Ends the link's stream on the way out of the lock.
  void doom(Link& link, xmpp::StreamCondition condition, std::string_view text = {});

  bool is_admin(const xmpp::Jid& jid) const {
    return jid.domain() == options.domain && accounts.is_admin(jid.local());
  }
  bool is_local_account(const xmpp::Jid& jid) const;
  net::Loop& main_loop() { return cores.front()->loop(); }
  Timestamp wall() { return (running != nullptr ? running->loop() : main_loop()).wall(); }
  Core& core_of(net::Loop& loop);

  Options options;
  xmpp::Jid domain;
  store::Store& store;
  Log log;

  std::mutex mutex;
  Core* running = nullptr;  // whose loop holds the lock
  router::Routes routes;
  router::BufferPool pool;
  router::RateLimit rate_limit;
  LoginGuard guard;
  router::Quota prelogin_quota;
  size_t prelogin_links = 0;
  Accounts accounts;
  Rosters rosters;
  OfflineUse offline_use;
  Counters counters;
  Taps taps{*this};
  IqHandlers handlers;
  std::map<std::string, std::string, std::less<>> component_secrets;
  std::map<std::string, std::unique_ptr<EntityHost>, std::less<>> entities;
  std::shared_ptr<net::TlsContext> tls;
  xmpp::ServerStreamOptions stream_options[5];  // by ListenerKind
  bool draining = false;
  std::function<void()> drained;
  // Tells who waits for it that the last session has gone and left nothing to do.
  void look_if_drained();
  std::unique_ptr<net::Timer> drain_timer;
  std::vector<std::unique_ptr<Core>> cores;
  Resumptions resumptions;  // goes before the cores: its sessions refer to them
  Time started;
  Time warned{};  // last, of connections turned away
  struct Unwritten {
    Time told{};
    uint64_t so_far = 0;
  };
  std::map<std::string_view, Unwritten> unwritten;  // by event

 private:
  struct Doomed {
    std::weak_ptr<Link> link;
    xmpp::StreamCondition condition;
    std::string text;
  };
  void route_local(Parcel& parcel);
  void route_iq(Parcel& parcel);
  void route_message(Parcel& parcel);
  void route_presence(Parcel& parcel);
  void see_refusal(const Parcel& refused, const xml::Element& answer);
  void to_domain(Parcel& parcel, router::Endpoint& endpoint);
  void later(std::function<bool()> part);

  std::vector<Doomed> doomed_;
  std::deque<std::function<bool()>> in_parts_;  // works that are not done, a post for each
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // guards what others call back

 public:
  net::Workers workers;  // goes first: its jobs end before anything they refer to
};

}  // namespace xbus::server
