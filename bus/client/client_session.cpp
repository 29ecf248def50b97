// A client's connections: how one comes about, what becomes of the session when it ends.
#include <algorithm>
#include <random>
#include <utility>

#include "bus/client/bus_address.hpp"
#include "bus/client/client_impl.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/socket.hpp"
#include "bus/xmpp/ping.hpp"

namespace xbus::client {

namespace {

using namespace std::chrono_literals;
using xmpp::LoginError;

// How long an unanswered ping leaves a silent connection in doubt.
constexpr auto ping_time = 20s;
// How long a server may take before its first byte.
constexpr auto nudge_time = 1s;
// The longest wait before the next try, for a bus on this host and for one elsewhere.
constexpr Duration local_wait = 5s, far_wait = 60s;
// A session that stood this long ends a row of failures: the next loss is tried again soon.
constexpr auto steady_time = 10s;
constexpr auto resumed_steady_time = 1s;
// A session that stands this long is worth keeping.
constexpr auto managed_after = 500ms;

// $XBUS_BUS stands for the address in all that follows from it: the domain, redirections, the waits.
Options with_address(Options given, bool in_memory) {
  if (given.address.empty() && !in_memory) given.address = environment().xbus_bus;
  return given;
}

std::function<double()> seeded_random() {
  std::random_device device;
  return [random = std::mt19937_64(device())]() mutable {
    return std::uniform_real_distribution<>(0, 1)(random);
  };
}

}  // namespace

Client::Impl::Impl(net::Loop& on, Options given, MakeTransport make)
    : loop(on),
      options(with_address(std::move(given), make != nullptr)),
      in_memory(make != nullptr),
      progress(on),
      dialer(on, options, std::move(make), progress),
      reconnect({.most = local() ? local_wait : far_wait}, seeded_random()),
      pending(on),
      dispatch([this](const xml::Element& stanza) { send(stanza); }),
      retry(on),
      limit(on),
      keepalive(on),
      ask(on),
      managing(on) {
  domain = options.domain;
  if (domain.empty()) domain = default_domain();
}

std::string Client::Impl::default_domain() const {
  auto address = net::parse_address(options.address);
  return address ? domain_at(*address) : "localhost";
}

bool Client::Impl::local() const {
  if (in_memory || options.address.empty()) return true;
  auto address = net::parse_address(options.address);
  if (!address || address->kind == net::Address::Kind::unix_socket) return true;
  auto ip = net::SocketAddress::ip(address->host, 0);
  return address->host == "localhost" || (ip && ip->loopback());
}

void Client::Impl::set_state(State to) {
  if (std::exchange(state, to) == to) return;
  // A handler may add another, change the state again or do away with the client.
  for (size_t i = 0; i < state_handlers.size() && state == to && !destroyed; ++i) state_handlers[i](to);
}

void Client::Impl::begin() {
  auto keep = shared_from_this();
  retry.stop();
  if (!suspended) {
    set_state(State::connecting);
    if (state != State::connecting) return;  // a handler thought better of it
  }
  limit.start(options.connect_time_max, [this] {
    const LoginError error{.kind = LoginError::Kind::timed_out, .text = "no login within the time given"};
    progress.failed(error);
    ended(error, LetGo::at_once);
  });
  progress.begin(Step::Kind::address);
  dialer.dial(other_host, [this](Result<Dialer::Dialed, LoginError> dialed) {
    if (!dialed) {
      progress.failed(dialed.error());
      return on_ended(dialed.error());
    }
    open(std::move(*dialed));
  });
}

void Client::Impl::open(Dialer::Dialed dialed) {
  using Tls = xmpp::ClientStreamOptions::Tls;
  Connection::Plan plan;
  plan.tls = dialed.tls;
  plan.server_name = domain;
  plan.direct_tls = dialed.direct_tls;
  plan.component_secret = options.component_secret;
  plan.progress = &progress;
  // A virtual clock does not wait for other threads.
  if (dynamic_cast<net::IoLoop*>(&loop) != nullptr) plan.workers = &workers;
  plan.stream.domain = domain;
  plan.stream.account = options.account.empty() ? dialed.address.user : options.account;
  plan.stream.password = options.password;
  plan.stream.resource = options.resource;
  const bool wanted = options.resume != Options::Resume::never && options.reconnect;
  if (options.component_secret.empty() && (wanted || (sm && sm->resumable()))) {
    if (!sm || !sm->resumable()) sm = std::make_shared<xmpp::SmSession>();
    plan.stream.sm = sm;
    plan.stream.manage = wanted && options.resume == Options::Resume::at_once;
  } else {
    sm.reset();
  }
  plan.stream.tls = dialed.direct_tls ? Tls::done : dialed.tls ? Tls::required : Tls::never;
  auto local = in_memory || dialed.address.kind == net::Address::Kind::unix_socket;
  plan.stream.external = local ? options.password.empty() : !options.certificate_file.empty();
  const bool says_first = !dialed.direct_tls && options.component_secret.empty();
  auto opened = std::make_shared<Connection>(loop, std::move(dialed.transport), std::move(plan), *this);
  connection = opened;
  if (says_first) keepalive.start(nudge_time, [this] { nudge(); });
  opened->start();
}

void Client::Impl::nudge() {
  // White space between elements means nothing (RFC 6120 section 4.6.1).
  if (connection && !connection->heard()) connection->queue("\n");
}

void Client::Impl::on_established(const xmpp::Jid& bound) {
  jid = bound;
  domain = bound.domain();
  on_logged_in();
  acknowledged_end = place();
  if (options.resume == Options::Resume::later) managing.start(managed_after, [this] { manage(); });
  auto keep = shared_from_this();
  set_state(State::online);
  finish_connect(bound);
}

void Client::Impl::on_resumed() {
  suspended = false;
  on_logged_in();
}

void Client::Impl::on_not_resumed(Handled handled) {
  auto keep = shared_from_this();
  suspended = false;
  set_aside = handled == Handled::known ? acknowledged_end : set_aside;
  pending.end_all(set_aside);
  if (!destroyed) set_state(State::offline);
}

void Client::Impl::on_logged_in() {
  limit.stop();
  online_since = loop.now();
  hops = 0;
  other_host.reset();
  failure.reset();
  pinging = false;
  auto& peer = connection->peer();
  if (!peer.loopback && options.keepalive > Duration::zero()) {
    keepalive.start(options.keepalive, [this] { keep_alive(); });
  }
}

void Client::Impl::ended(LoginError error, LetGo how) {
  auto keep = shared_from_this();
  if (suspend(error, how)) return;
  auto was_online = state == State::online;
  if (was_online && loop.now() - online_since > steady_time) reconnect.reset();
  let_go(how);
  if (destroyed) return;
  failure.reset();
  if (closing) {
    set_state(State::closed);
    return;
  }
  if (error.kind == LoginError::Kind::see_other_host && follow(error.text)) return begin();
  failure = error;
  if (!options.reconnect || !worth_trying_again(error, options.resource.empty())) {
    set_state(State::closed);
    return finish_connect(Err{error});
  }
  set_state(State::offline);
  if (state == State::offline) retry.start(reconnect.next(), [this] { begin(); });
}

bool Client::Impl::suspend(const LoginError& error, LetGo how) {
  if (closing || destroyed || !options.reconnect || !sm || !sm->resumable()) return false;
  if (suspended) {
    if (loop.now() >= suspended_until || !worth_trying_again(error, options.resource.empty())) return false;
    other_host.reset();
  } else {
    if (state != State::online || !connection || (how == LetGo::politely && !connection->cut())) return false;
    // The server took us back a moment ago: it is the wire that fails.
    if (loop.now() - online_since > resumed_steady_time) reconnect.reset();
    auto within = sm->terms.max_seconds ? std::chrono::seconds(*sm->terms.max_seconds) : limits::resume_time_max;
    suspended_until = loop.now() + std::min<Duration>(within, limits::resume_time_max);
    if (!sm->terms.location.empty()) follow(sm->terms.location);
  }
  drop(LetGo::at_once);
  suspended = true;
  retry.start(reconnect.next(), [this] { begin(); });
  return true;
}

bool Client::Impl::follow(const std::string& host) {
  if (in_memory || ++hops > limits::see_other_host_hops_max) return false;
  auto ours = net::parse_address(options.address);
  if (!ours || ours->kind == net::Address::Kind::unix_socket) return false;
  auto bare_v6 = host.find(':') != host.rfind(':') && !host.starts_with('[');
  auto scheme = ours->kind == net::Address::Kind::xmpps ? "xmpps://"
                : ours->kind == net::Address::Kind::tcp ? "tcp://"
                                                        : "xmpp://";
  auto address = net::parse_address(scheme + (bare_v6 ? "[" + host + "]" : host));
  if (!address) return false;
  if (address->kind == net::Address::Kind::tcp && address->port == 0) return false;
  address->user = ours->user;
  other_host = *address;
  return true;
}

void Client::Impl::let_go(LetGo how) {
  drop(how);
  suspended = false;
  if (sm) sm->on = false;
  pending.end_all(set_aside);
}

void Client::Impl::drop(LetGo how) {
  limit.stop();
  retry.stop();
  keepalive.stop();
  dialer.cancel();
  ask.stop();
  managing.stop();
  auto gone = std::exchange(connection, nullptr);
  if (gone) {
    gone->detach();
    if (!suspended) set_aside = before + gone->written();
    before += gone->queued();
    if (how == LetGo::politely) retired = gone;  // it says goodbye by itself
  }
  if (how == LetGo::at_once) retired.reset();
}

void Client::Impl::finish_connect(Login result) {
  auto waiting = std::exchange(connecting, std::nullopt);
  if (waiting) waiting->complete(std::move(result));
}

void Client::Impl::close() {
  if (state == State::closed) return;
  closing = true;
  auto keep = shared_from_this();
  // Called by who was just told that the session is over: ended() goes on to `closed`.
  if (state == State::online && !connection && !suspended) return;
  if (state != State::online || suspended) {
    let_go(LetGo::at_once);
    set_state(State::closed);
    return finish_connect(Err{LoginError{.text = "closed"}});
  }
  connection->end();
  limit.start(options.goodbye_time_max, [this] { ended({}, LetGo::at_once); });
}

void Client::Impl::manage() {
  if (!sm || sm->on || options.resume == Options::Resume::never || !connection || !usable()) return;
  connection->manage();
  // What was said before is not counted: nobody will say how much of it was handled.
  acknowledged_end = place();
}

void Client::Impl::resume(Options::Resume how) {
  options.resume = how;
  if (how == Options::Resume::never || state != State::online) return managing.stop();
  if (!sm && options.component_secret.empty()) return;  // the next session
  managing.start(how == Options::Resume::later ? managed_after : Duration::zero(), [this] { manage(); });
}

void Client::Impl::say_goodbye() {
  if (state == State::online && connection && !suspended && sm && sm->on) connection->leave();
}

void Client::Impl::keep_alive() {
  keepalive.start(options.keepalive, [this] { keep_alive(); });
  auto now = loop.now();
  if (connection->quiet_since(now - options.keepalive / 2)) connection->queue(" ");
  if (pinging || now - connection->last_received() < 2 * options.keepalive) return;
  pinging = true;
  auto server = xmpp::Jid::make({}, domain);
  request(server ? *server : xmpp::Jid(), "get", xmpp::ping(), ping_time, [this](Answer answer) {
    pinging = false;
    // Any answer is a sign of life, an error too.
    if (answer.kind != Answer::Kind::timed_out) return;
    ended({.text = "the server does not answer"}, LetGo::at_once);
  });
}

}  // namespace xbus::client
