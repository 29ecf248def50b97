// The embedded bus: sessions, routing and the features of RFC 6120 and 6121, on one loop a core.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/transport.hpp"
#include "bus/server/login_guard.hpp"
#include "bus/xmpp/entity.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus {
class MetricsText;
}
namespace xbus::store {
class Store;
}

namespace xbus::server {

struct Options {
  std::string domain = "localhost";
  size_t stanza_bytes_max = limits::stanza_bytes_max;
  size_t queue_bytes_per_account_max = limits::queue_bytes_per_account_max;
  size_t connections_per_account_max = limits::connections_per_account_max;
  Duration login_time_max = limits::login_time_max;              // from accept to bind
  Duration write_stall_time_max = limits::write_stall_time_max;  // without taking a byte
  // What one account may send; 0: as much as it likes.
  size_t stanzas_per_second_max = limits::stanzas_per_second_max;
  size_t bytes_per_second_max = limits::bytes_per_second_max;
  GuardOptions guard;               // what an address may do before it has logged in
  // Stream management: how long a session waits without a connection (0: not at all), how many do, of all and of one
  // account, and what one may have sent that is not acknowledged.
  Duration resume_time_max = limits::resume_time_max;
  size_t resumable_sessions_max = limits::resumable_sessions_max;
  size_t resumable_sessions_per_account_max = limits::resumable_sessions_max / 4;
  size_t unacked_stanzas_max = limits::unacked_stanzas_max;
  size_t unacked_bytes_max = limits::unacked_bytes_max;
  std::vector<std::string> admins;  // localparts; root and the daemon's own uid are admins anyway
};

enum class ListenerKind {
  unix_socket,     // EXTERNAL by peer credentials
  starttls,        // xmpp-client
  direct_tls,      // xmpps-client
  plain_loopback,  // SCRAM only, loopback only
  component,       // XEP-0114, loopback only
};

// One line of the structured log.
using Log =
    std::function<void(std::string_view level, std::string_view event,
                       const std::vector<std::pair<std::string_view, std::string>>& fields)>;

// Who owns the service names that topics `NAME/...` belong to. Asked on the first loop, never under a lock. Left empty:
// nobody owns any, and no such topic can be made.
struct TopicOwners {
  std::function<bool(std::string_view name, const xmpp::Jid& account)> owns;
  std::function<bool(std::string_view name)> owned;  // by anybody
  // As `owns`; takes a name that nobody owns for the account where policy lets it.
  std::function<bool(std::string_view name, const xmpp::Jid& account)> claim;
};

// Owns every session. Loops run elsewhere; the first is the one that entities and timers live on.
class Server {
 public:
  Server(Options options, std::vector<net::Loop*> loops, store::Store& store, Log log);
  ~Server();

  // Puts an entity at `domain` (services.localhost) inside the server. It must outlive the server
  // or be detached.
  void attach(std::string domain, xmpp::Entity& entity);
  void detach(std::string_view domain);

  // Puts the pubsub service (XEP-0060) at `domain` (events.localhost), with what the store keeps of it. Once.
  void serve_topics(const std::string& domain, TopicOwners owners);

  // The certificate for STARTTLS and direct TLS; may be replaced while running (SIGHUP), for new
  // handshakes.
  void set_tls(std::shared_ptr<net::TlsContext> context);

  // Takes over a connection that a listener accepted, on the loop it belongs to.
  void accept(std::unique_ptr<net::Transport> transport, ListenerKind kind, net::Loop& loop);

  // The client's end of a new in-memory connection whose account is `local`, as on a unix socket:
  // for LocalBus.
  std::unique_ptr<net::Transport> connect_local(std::string local, net::Loop& loop);

  // What may change while the server runs: everything but the domain. Bounds and rates hold for what
  // comes from now on, the limit of a stanza for streams that begin from now on.
  void configure(const Options& options);

  // Secret of a component domain; unknown domains are refused (host-unknown).
  void allow_component(std::string domain, std::string secret);

  // Takes the domain's secret away again. A component that is connected stays.
  void forbid_component(std::string_view domain);

  bool is_admin(const xmpp::Jid& jid) const;

  // What counters.hpp has, by the names of METRICS.md. Any thread.
  void metrics(MetricsText& text) const;

  // Reads the accounts from the store again (SIGHUP).
  void reload_accounts();

  // Ends every stream with system-shutdown, writes what is queued, calls `done` when all are gone
  // or `within` is over.
  void drain(Duration within, std::function<void()> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xbus::server
