#include "bus/server/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "bus/limits_login.hpp"
#include "bus/metrics.hpp"
#include "bus/net/pipe.hpp"
#include "bus/server/component_session.hpp"
#include "bus/server/disco.hpp"
#include "bus/server/entity_host.hpp"
#include "bus/server/hub.hpp"
#include "bus/server/pubsub.hpp"
#include "bus/server/session.hpp"
#include "bus/xmpp/stream_text.hpp"

namespace xbus::server {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view banned_text = "too many failed logins from this address";

xmpp::Jid domain_jid(const std::string& domain) {
  auto jid = xmpp::Jid::parse(domain);
  return jid ? *jid : *xmpp::Jid::parse("localhost");  // xbusd has checked it
}

// What of a listener's streams may change while the server runs.
void set_bounds(xmpp::ServerStreamOptions& stream, const Options& options) {
  stream.stanza_bytes_max = options.stanza_bytes_max;
  stream.management.stanzas_max = options.unacked_stanzas_max;
  stream.management.bytes_max = options.unacked_bytes_max;
}

}  // namespace

// ---- Hub ----

Hub::Hub(Options given, std::vector<net::Loop*> loops, store::Store& kept, Log log_to)
    : options(std::move(given)),
      domain(domain_jid(options.domain)),
      store(kept),
      log(log_to ? std::move(log_to) : [](std::string_view, std::string_view, const auto&) {}),
      rate_limit(options.stanzas_per_second_max, options.bytes_per_second_max),
      guard(options.guard),
      prelogin_quota(limits::queue_bytes_per_account_max),
      accounts(kept, options.domain, options.admins),
      rosters(*this, kept),
      offline_use(kept),
      resumptions(*this) {
  options.domain = domain.str();
  for (net::Loop* loop : loops) cores.push_back(std::make_unique<Core>(*this, *loop));
  started = main_loop().now();
  add_features(handlers);
  // Salts of accounts that do not exist stay the same over restarts, as those of accounts that do.
  std::string secret;
  for (const store::Entry& entry : store.entries("server")) {
    if (entry.key == "stand_in_secret") secret = entry.value;
  }
  if (secret.empty()) {
    secret = crypto::random_bytes(32);
    store.put_entry("server", "stand_in_secret", secret, {});
  }
  // RFC 6121 sections 2.6.1 and 3.4.
  std::vector<xml::Element> features = {{"ver", "urn:xmpp:features:rosterver"},
                                        {"sub", "urn:xmpp:features:pre-approval"}};
  if (auto caps = server_caps(handlers)) features.push_back(std::move(*caps));
  using Tls = xmpp::ServerStreamOptions::Tls;
  const std::vector<std::string> all = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
                                        "SCRAM-SHA-1",        "EXTERNAL",      "PLAIN"};
  auto set = [&](ListenerKind kind, Tls tls_mode, std::vector<std::string> mechanisms) {
    auto& stream = stream_options[static_cast<size_t>(kind)];
    stream.domain = options.domain;
    stream.tls = tls_mode;
    stream.mechanisms = std::move(mechanisms);
    set_bounds(stream, options);
    stream.stand_in_secret = secret;
    stream.features = features;
  };
  set(ListenerKind::unix_socket, Tls::done, {"EXTERNAL", "SCRAM-SHA-256", "SCRAM-SHA-1"});
  stream_options[static_cast<size_t>(ListenerKind::unix_socket)].external_by_uid = true;
  stream_options[static_cast<size_t>(ListenerKind::unix_socket)].alias = "localhost";
  set(ListenerKind::starttls, Tls::required, all);
  set(ListenerKind::direct_tls, Tls::done, all);
  set(ListenerKind::plain_loopback, Tls::off, {"SCRAM-SHA-256", "SCRAM-SHA-1"});
}

Hub::~Hub() = default;

Hub::Enter::Enter(Hub& hub, Core* core) : hub_(hub), lock_(hub.mutex) { hub_.running = core; }

Hub::Enter::~Enter() {
  while (!hub_.doomed_.empty()) {
    for (Doomed& doomed : std::exchange(hub_.doomed_, {})) {
      auto link = doomed.link.lock();
      if (link && !link->closing()) link->end(doomed.condition, doomed.text);
    }
  }
  hub_.running = nullptr;
}

void Hub::doom(Link& link, xmpp::StreamCondition condition, std::string_view text) {
  doomed_.push_back({link.weak_from_this(), condition, std::string(text)});
}

void Hub::configure(const Options& changed) {
  options = changed;
  options.domain = domain.str();
  rate_limit = router::RateLimit(options.stanzas_per_second_max, options.bytes_per_second_max);
  guard.set_options(options.guard);
  accounts.set_admins(options.admins, options.domain);
  taps.admins_changed();
  for (auto& stream : stream_options) set_bounds(stream, options);
  routes.each_owner([this](router::Owner& owner) {
    owner.quota().set_bytes_max(options.queue_bytes_per_account_max);
    owner.half_sent().set_bytes_max(options.queue_bytes_per_account_max);
  });
}

void Hub::log_unwritten(std::string_view event, std::pair<std::string_view, std::string> about) {
  const Time now = main_loop().now();
  Unwritten& of = unwritten[event];
  const bool quiet = ++of.so_far > 1 && now - of.told < 10s;
  if (!quiet) of.told = now;
  log(quiet ? "debug" : "error", event, {std::move(about), {"so_far", std::to_string(of.so_far)}});
}

Duration Hub::login_failed(Link& link) {
  std::string group = guard.group_of(link.peer());
  auto failure = guard.failed(group, link.core().loop().now());
  if (failure.banned_now) {
    ++counters.bans;
    log("warn", "address_banned",
        {{"peer", link.peer().text},
         {"seconds", std::to_string(std::chrono::floor<std::chrono::seconds>(
                                        options.guard.ban_time)
                                        .count())}});
    // All that it has open at once would be as many tries more.
    for (auto& core : cores) {
      core->each([&](Link& other) {
        if (!other.established() && guard.group_of(other.peer()) == group)
          doom(other, xmpp::StreamCondition::policy_violation, banned_text);
      });
    }
  }
  return failure.delay;
}

store::Store::Done Hub::on_main(std::function<void(Hub&, bool)> fn) {
  // The loop outlives the server and the store; the server may go first.
  return [this, alive = std::weak_ptr<bool>(alive_), loop = &main_loop(),
          fn = std::move(fn)](bool ok) {
    loop->post([this, alive, fn, ok] {
      if (alive.expired()) return;
      Enter enter(*this, cores.front().get());
      fn(*this, ok);
    });
  };
}

void Hub::in_parts(std::function<bool()> part) {
  if (part()) later(std::move(part));
}

// What is left stays here and not with the loop: it ends under the lock, and not after the hub.
void Hub::later(std::function<bool()> part) {
  in_parts_.push_back(std::move(part));
  main_loop().post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    Enter enter(*this, cores.front().get());
    std::function<bool()> next = std::move(in_parts_.front());
    in_parts_.pop_front();
    if (next()) return later(std::move(next));
    next = nullptr;
    look_if_drained();
  });
}

void Hub::look_if_drained() {
  if (!draining || has_parts_left()) return;
  for (auto& core : cores) {
    if (core->links() != 0) return;
  }
  if (auto done = std::exchange(drained, {})) main_loop().post(std::move(done));
}

Core& Hub::core_of(net::Loop& loop) {
  for (auto& core : cores) {
    if (&core->loop() == &loop) return *core;
  }
  return *cores.front();
}

// ---- Server ----

struct Server::Impl : Hub {
  using Hub::Hub;
  std::unique_ptr<Pubsub> pubsub;
};

Server::Server(Options options, std::vector<net::Loop*> loops, store::Store& store, Log log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(loops), store, std::move(log))) {}

Server::~Server() {
  // Entities hear that it is over; links go with their cores, without a word.
  for (auto& [domain, host] : impl_->entities) host->entity().on_disconnected();
}

void Server::attach(std::string domain, xmpp::Entity& entity) {
  xmpp::EntityPort* port = nullptr;
  {
    Hub::Enter enter(*impl_, nullptr);
    auto host = std::make_unique<EntityHost>(*impl_, domain, entity);
    if (!impl_->routes.add_domain(domain, *host)) return;
    port = host.get();
    impl_->entities.emplace(std::move(domain), std::move(host));
  }
  entity.on_connected(*port);
}

void Server::detach(std::string_view domain) {
  std::unique_ptr<EntityHost> host;
  {
    Hub::Enter enter(*impl_, nullptr);
    auto found = impl_->entities.find(domain);
    if (found == impl_->entities.end()) return;
    impl_->routes.remove_domain(domain);
    host = std::move(found->second);
    host->forget();
    impl_->entities.erase(found);
  }
  host->entity().on_disconnected();
}

void Server::serve_topics(const std::string& domain, TopicOwners owners) {
  auto jid = xmpp::Jid::parse(domain);
  if (!jid || impl_->pubsub) return;
  impl_->pubsub = std::make_unique<Pubsub>(*impl_, *jid, std::move(owners));
  attach(jid->str(), *impl_->pubsub);
}

void Server::set_tls(std::shared_ptr<net::TlsContext> context) {
  Hub::Enter enter(*impl_, nullptr);
  impl_->tls = std::move(context);
}

namespace {

// How many connections may be there that have not logged in, for one more of this peer to come. Who is on the network
// leaves room for who is on this host, and whoever that is for who administers it.
size_t prelogin_most(const net::PeerAddress& peer) {
  const bool network = peer.text.rfind(':') != std::string::npos;
  if (network) return limits::connections_prelogin_max - limits::connections_prelogin_local;
  const bool admin = !peer.uid || *peer.uid == 0 || *peer.uid == geteuid();
  return limits::connections_prelogin_max - (admin ? 0 : limits::connections_prelogin_admin);
}

// Why a new connection may not even begin. Under the lock.
std::optional<xmpp::StreamError> refusal_of(Hub& hub, const net::PeerAddress& peer,
                                            ListenerKind kind, Time now) {
  using xmpp::StreamCondition;
  if (hub.draining) return xmpp::stream_error(StreamCondition::system_shutdown);
  bool loopback_only = kind == ListenerKind::plain_loopback || kind == ListenerKind::component;
  if ((loopback_only && !peer.loopback) || (kind == ListenerKind::direct_tls && !hub.tls))
    return xmpp::stream_error(StreamCondition::policy_violation);
  if (hub.prelogin_links >= prelogin_most(peer))
    return xmpp::stream_error(StreamCondition::resource_constraint, "too many that do not log in");
  switch (hub.guard.connected(hub.guard.group_of(peer), now)) {
    case LoginGuard::Verdict::welcome:
      return {};
    case LoginGuard::Verdict::banned:
      return xmpp::stream_error(StreamCondition::policy_violation, banned_text);
    case LoginGuard::Verdict::too_many:
      return xmpp::stream_error(StreamCondition::resource_constraint,
                                "too many connections of this address that do not log in");
  }
  return {};
}

// The error as the first and last word, where that can be said without a handshake.
void turn_away(Hub& hub, net::Transport& transport, ListenerKind kind,
               const xmpp::StreamError& error, Time now) {
  ++hub.counters.turned_away;
  // A line for each would be one more thing to flood.
  bool quiet = hub.counters.turned_away > 1 && now - hub.warned < 10s;
  if (!quiet) hub.warned = now;
  hub.log(quiet ? "debug" : "warn", "turned_away",
          {{"peer", transport.peer().text},
           {"error", std::string(xmpp::name_of(error.condition))},
           {"so_far", std::to_string(hub.counters.turned_away)}});
  if (kind == ListenerKind::direct_tls) return;
  std::string_view ns = kind == ListenerKind::component ? xml::ns_component : xml::ns_client;
  transport.write_one(
      xmpp::stream_header_text({.content_ns = ns, .from = hub.options.domain,
                                .id = crypto::random_id()}) +
      xmpp::stream_error_text(error));
}

void take_over(Hub& hub, std::unique_ptr<net::Transport> transport, ListenerKind kind,
               net::Loop& loop, std::optional<std::string> as) {
  Core& core = hub.core_of(loop);
  std::shared_ptr<Link> link;
  bool handshake = kind == ListenerKind::direct_tls;
  {
    Hub::Enter enter(hub, &core);
    if (auto refusal = refusal_of(hub, transport->peer(), kind, loop.now()))
      return turn_away(hub, *transport, kind, *refusal, loop.now());
    if (kind == ListenerKind::component) {
      link = std::make_shared<ComponentSession>(hub, core, std::move(transport));
    } else {
      link = std::make_shared<Session>(hub, core, std::move(transport), kind, std::move(as));
    }
    ++hub.counters.accepted[static_cast<size_t>(kind)];
    core.add(link);
  }
  link->start(handshake);
}

}  // namespace

void Server::accept(std::unique_ptr<net::Transport> transport, ListenerKind kind, net::Loop& loop) {
  take_over(*impl_, std::move(transport), kind, loop, {});
}

std::unique_ptr<net::Transport> Server::connect_local(std::string local, net::Loop& loop) {
  net::PipeEnds ends = net::make_pipe(loop);
  take_over(*impl_, std::move(ends.first), ListenerKind::unix_socket, loop, std::move(local));
  return std::move(ends.second);
}

void Server::allow_component(std::string domain, std::string secret) {
  Hub::Enter enter(*impl_, nullptr);
  impl_->component_secrets[std::move(domain)] = std::move(secret);
}

void Server::forbid_component(std::string_view domain) {
  Hub::Enter enter(*impl_, nullptr);
  auto found = impl_->component_secrets.find(domain);
  if (found != impl_->component_secrets.end()) impl_->component_secrets.erase(found);
}

void Server::configure(const Options& options) {
  Hub::Enter enter(*impl_, nullptr);
  impl_->configure(options);
}

bool Server::is_admin(const xmpp::Jid& jid) const {
  Hub::Enter enter(*impl_, nullptr);
  return impl_->is_admin(jid);
}

void Server::metrics(MetricsText& text) const {
  std::vector<Family> all;
  {
    Hub::Enter enter(*impl_, nullptr);
    all = families(*impl_);
  }
  for (const Family& family : all) {
    if (family.type == Family::Type::counter) {
      text.counter(family.name, family.help);
    } else {
      text.gauge(family.name, family.help);
    }
    for (const auto& [value, number] : family.samples) {
      if (family.label.empty()) {
        text.add({}, number);
      } else {
        text.add({{family.label, value}}, number);
      }
    }
  }
}

void Server::reload_accounts() {
  Hub::Enter enter(*impl_, nullptr);
  impl_->accounts.reload();
}

void Server::drain(Duration within, std::function<void()> done) {
  bool idle = true;
  {
    Hub::Enter enter(*impl_, impl_->cores.front().get());
    idle = !impl_->has_parts_left();
    impl_->draining = true;
    impl_->resumptions.end_all();
    for (auto& core : impl_->cores) {
      core->each([&](Link& link) {
        idle = false;
        impl_->doom(link, xmpp::StreamCondition::system_shutdown);
      });
    }
    if (!idle) impl_->drained = done;
  }
  if (idle) return impl_->main_loop().post(std::move(done));
  impl_->drain_timer = std::make_unique<net::Timer>(impl_->main_loop());
  impl_->drain_timer->start(within, [impl = impl_.get()] {
    std::function<void()> late;
    {
      Hub::Enter enter(*impl, impl->cores.front().get());
      late = std::exchange(impl->drained, {});
    }
    if (late) late();
  });
}

}  // namespace xbus::server
