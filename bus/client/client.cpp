#include "bus/client/client.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "bus/client/bus_address.hpp"
#include "bus/client/connection.hpp"
#include "bus/client/dialer.hpp"
#include "bus/client/dispatch.hpp"
#include "bus/client/id_source.hpp"
#include "bus/client/pending.hpp"
#include "bus/client/reconnect.hpp"
#include "bus/net/socket.hpp"
#include "bus/net/timer.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

namespace {

using namespace std::chrono_literals;
using xmpp::LoginError;
using Login = Result<xmpp::Jid, LoginError>;

// How long an unanswered ping leaves a silent connection in doubt.
constexpr auto ping_time = 20s;
// The longest wait before the next try, for a bus on this host and for one elsewhere.
constexpr Duration local_wait = 5s, far_wait = 60s;
// A session that stood this long ends a row of failures: the next loss is tried again soon.
constexpr auto steady_time = 10s;

std::function<double()> seeded_random() {
  std::random_device device;
  return [random = std::mt19937_64(device())]() mutable {
    return std::uniform_real_distribution<>(0, 1)(random);
  };
}

// Calls `fn` when the coroutine that holds it is destroyed where it stands.
class OnAbandoned {
 public:
  explicit OnAbandoned(std::function<void()> fn) : fn_(std::move(fn)) {}
  ~OnAbandoned() {
    if (fn_) fn_();
  }
  OnAbandoned(const OnAbandoned&) = delete;
  OnAbandoned& operator=(const OnAbandoned&) = delete;
  void release() { fn_ = nullptr; }

 private:
  std::function<void()> fn_;
};

}  // namespace

struct Client::Impl final : std::enable_shared_from_this<Impl>, Connection::Owner {
  Impl(net::Loop& on, Options given, MakeTransport make)
      : loop(on),
        options(with_address(std::move(given), make != nullptr)),
        in_memory(make != nullptr),
        dialer(on, options, std::move(make)),
        reconnect({.most = local() ? local_wait : far_wait}, seeded_random()),
        pending(on),
        dispatch([this](const xml::Element& stanza) { send(stanza); }),
        retry(on),
        limit(on),
        keepalive(on) {
    domain = options.domain;
    if (domain.empty()) domain = default_domain();
  }

  // $XBUS_BUS stands for the address in all that follows from it: the domain, redirections, the waits.
  static Options with_address(Options given, bool in_memory) {
    if (given.address.empty() && !in_memory) given.address = environment().xbus_bus;
    return given;
  }

  std::string default_domain() const {
    auto address = net::parse_address(options.address);
    if (!address || address->host.empty()) return "localhost";
    auto ip = net::SocketAddress::ip(address->host, 0);
    return ip && ip->loopback() ? "localhost" : address->host;
  }

  // Whether the bus is on this host, where one more try costs next to nothing.
  bool local() const {
    if (in_memory || options.address.empty()) return true;
    auto address = net::parse_address(options.address);
    if (!address || address->kind == net::Address::Kind::unix_socket) return true;
    auto ip = net::SocketAddress::ip(address->host, 0);
    return address->host == "localhost" || (ip && ip->loopback());
  }

  // ---- One connection after the other ----

  void set_state(State to) {
    if (std::exchange(state, to) == to) return;
    // A handler may add another, change the state again or do away with the client.
    for (size_t i = 0; i < state_handlers.size() && state == to && !destroyed; ++i) state_handlers[i](to);
  }

  void begin() {
    auto keep = shared_from_this();
    retry.stop();
    set_state(State::connecting);
    if (state != State::connecting) return;  // a handler thought better of it
    limit.start(options.connect_time_max, [this] {
      ended({.kind = LoginError::Kind::unreachable, .text = "no login within the time given"}, LetGo::at_once);
    });
    dialer.dial(other_host, [this](Result<Dialer::Dialed, LoginError> dialed) {
      if (!dialed) return on_ended(dialed.error());
      open(std::move(*dialed));
    });
  }

  void open(Dialer::Dialed dialed) {
    using Tls = xmpp::ClientStreamOptions::Tls;
    Connection::Plan plan;
    plan.tls = dialed.tls;
    plan.server_name = domain;
    plan.direct_tls = dialed.direct_tls;
    plan.component_secret = options.component_secret;
    plan.stream.domain = domain;
    plan.stream.account = options.account.empty() ? dialed.address.user : options.account;
    plan.stream.password = options.password;
    plan.stream.resource = options.resource;
    plan.stream.tls = dialed.direct_tls ? Tls::done : dialed.tls ? Tls::required : Tls::never;
    auto local = in_memory || dialed.address.kind == net::Address::Kind::unix_socket;
    plan.stream.external = local ? options.password.empty() : !options.certificate_file.empty();
    auto opened = std::make_shared<Connection>(loop, std::move(dialed.transport), std::move(plan), *this);
    connection = opened;
    opened->start();
  }

  void on_established(const xmpp::Jid& bound) override {
    limit.stop();
    jid = bound;
    domain = bound.domain();
    online_since = loop.now();
    hops = 0;
    other_host.reset();
    pinging = false;
    auto& peer = connection->peer();
    if (!peer.loopback && options.keepalive > Duration::zero()) {
      keepalive.start(options.keepalive, [this] { keep_alive(); });
    }
    auto keep = shared_from_this();
    set_state(State::online);
    finish_connect(bound);
  }

  void on_ended(const LoginError& why) override { ended(why, LetGo::politely); }

  enum class LetGo { politely, at_once };
  void ended(LoginError error, LetGo how) {
    auto keep = shared_from_this();
    auto was_online = state == State::online;
    if (was_online && loop.now() - online_since > steady_time) reconnect.reset();
    let_go(how);
    if (destroyed) return;
    if (closing) {
      set_state(State::closed);
      return;
    }
    if (error.kind == LoginError::Kind::see_other_host && follow(error.text)) return begin();
    if (!options.reconnect || !worth_trying_again(error, options.resource.empty())) {
      set_state(State::closed);
      return finish_connect(Err{error});
    }
    set_state(State::offline);
    if (state == State::offline) retry.start(reconnect.next(), [this] { begin(); });
  }

  // RFC 6120 section 4.9.3.19: the same domain, the same demands, another host.
  bool follow(const std::string& host) {
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

  // The session is over: nobody of it is heard any more, and what was pending ends.
  void let_go(LetGo how) {
    limit.stop();
    retry.stop();
    keepalive.stop();
    dialer.cancel();
    auto gone = std::exchange(connection, nullptr);
    uint64_t written = 0;
    if (gone) {
      gone->detach();
      written = gone->written();
      if (how == LetGo::politely) retired = gone;  // it says goodbye by itself
    }
    if (how == LetGo::at_once) retired.reset();
    pending.end_all(written);
  }

  void finish_connect(Login result) {
    auto waiting = std::exchange(connecting, std::nullopt);
    if (waiting) waiting->complete(std::move(result));
  }

  void close() {
    if (state == State::closed) return;
    closing = true;
    // Called by who was just told that the session is over: ended() goes on to `closed`.
    if (state == State::online && !connection) return;
    auto keep = shared_from_this();
    if (state != State::online) {
      let_go(LetGo::at_once);
      set_state(State::closed);
      return finish_connect(Err{LoginError{.text = "closed"}});
    }
    connection->end();
    limit.start(options.goodbye_time_max, [this] { ended({}, LetGo::at_once); });
  }

  void keep_alive() {
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

  // ---- Stanzas out ----

  // While the session is let go, what was pending is told so; whoever then sends again finds no connection.
  bool usable() const { return state == State::online && connection && !closing; }

  uint64_t request(const xmpp::Jid& to, std::string_view type, const xml::Element& payload, Duration deadline,
                   Pending::Done done, const xmpp::Jid& from = {}) {
    Pending::Key key{to, ids.next(), Pending::Kind::iq};
    auto fail = [&](xmpp::StanzaError error) {
      // Told from the loop, like every other end, and forget() still works until then.
      auto token = pending.add(std::move(key), limits::call_time_max, UINT64_MAX, std::move(done));
      loop.post([weak = weak_from_this(), token, error] {
        if (auto self = weak.lock()) self->pending.end(token, {Answer::Kind::not_sent, {}, error});
      });
      return token;
    };
    if (!usable()) {
      return fail({xmpp::Condition::recipient_unavailable, "not connected to the bus"});
    }
    if (pending.size() >= limits::pending_calls_max) {
      return fail({xmpp::Condition::resource_constraint, "too many requests wait for an answer"});
    }
    text.assign("<iq type='");
    text += type;
    text += "' id='";
    text += key.id;
    auto address = [&](const char* name, const std::string& value) {
      text += name;
      xml::escape_attribute(text, value);
    };
    if (!to.empty()) address("' to='", to.str());
    if (!options.component_secret.empty()) address("' from='", from.empty() ? jid.str() : from.str());
    text += "'>";
    xml::write_to(text, payload, xml::ns_client);
    text += "</iq>";
    if (auto error = put()) return fail(*error);
    return pending.add(std::move(key), deadline, connection->queued(), std::move(done));
  }

  // Everything is written as in jabber:client without saying so: on a component's stream that is
  // jabber:component:accept for the stanza and its own children, and what stands deeper says its namespace.
  bool send(const xml::Element& stanza) {
    if (!usable()) return false;
    text.clear();
    xml::write_to(text, stanza, xml::ns_client);
    return !put();
  }

  // Queues `text`, or says why not.
  std::optional<xmpp::StanzaError> put() {
    if (text.size() > stanza_bytes_max()) {
      const size_t size = std::exchange(text, {}).size();
      return xmpp::StanzaError(xmpp::Condition::policy_violation, "the stanza has " + std::to_string(size) +
                                                                      " bytes, the server takes " +
                                                                      std::to_string(stanza_bytes_max()));
    }
    if (!connection->queue(text)) {
      return xmpp::StanzaError(xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                               "too much waits to be written");
    }
    if (trace) trace(true, text);
    if (text.capacity() > 64 * 1024) text = {};
    return {};
  }

  size_t stanza_bytes_max() const {
    auto announced = connection ? connection->stanza_bytes_max() : limits::stanza_bytes_assumed;
    return announced == limits::stanza_bytes_assumed ? options.stanza_bytes_assumed : announced;
  }

  // ---- Stanzas in ----

  void on_stanza(const xml::StanzaView& view, const xml::HeaderView& header) override {
    using Kind = xml::StanzaView::Kind;
    auto keep = shared_from_this();
    if (trace) trace(false, view.bytes);
    if (view.kind == Kind::iq && (view.type.value == "result" || view.type.value == "error")) {
      return on_answer(view, header);
    }
    if (!dispatch.heard(view.kind)) return;
    dispatch.deliver(in_client_ns(xml::build(view, header)));
  }

  void on_answer(const xml::StanzaView& view, const xml::HeaderView& header) {
    auto id = xml::unescape(view.id.value);
    auto stanza = in_client_ns(xml::build(view, header));
    Pending::Done done;
    if (pending.knows(id)) {
      auto from = xmpp::address(stanza, "from");
      if (from) done = pending.take(id, Pending::Kind::iq, *from, jid);
    } else if (takes_all) {
      return dispatch.deliver(stanza);
    }
    if (!done) {
      ++answers_dropped;
      return;
    }
    Answer answer{Answer::Kind::result, std::move(stanza)};
    if (view.type.value == "error") {
      answer.kind = Answer::Kind::error;
      answer.error = xmpp::stanza_error_from(answer.stanza);
    }
    done(std::move(answer));
  }

  // The stanza and its own children from a component's namespace; deeper elements say what they are.
  static xml::Element in_client_ns(xml::Element stanza) {
    if (stanza.ns() != xml::ns_component) return stanza;
    auto renamed = [](const xml::Element& from) {
      xml::Element to(from.name(), std::string(xml::ns_client));
      for (auto& attribute : from.attributes()) to.set(attribute.name, attribute.ns, attribute.value);
      return to;
    };
    auto out = renamed(stanza);
    for (auto& node : stanza.nodes()) {
      if (!node.is_element()) {
        out.add_text(node.text);
      } else if (node.element.front().ns() != xml::ns_component) {
        out.add(std::move(node.element.front()));
      } else {
        auto& child = node.element.front();
        auto copy = renamed(child);
        copy.nodes() = std::move(child.nodes());
        out.add(std::move(copy));
      }
    }
    return out;
  }

  net::Loop& loop;
  Options options;
  bool in_memory;
  State state = State::closed;
  xmpp::Jid jid;
  std::string domain;
  Dialer dialer;
  Reconnect reconnect;
  std::shared_ptr<Connection> connection;  // the one that counts
  std::shared_ptr<Connection> retired;     // the last that is saying goodbye
  std::optional<net::Address> other_host;
  size_t hops = 0;
  Pending pending;
  Dispatch dispatch;
  IdSource ids;
  std::string text;  // the stanza being written
  std::deque<std::function<void(State)>> state_handlers;
  std::function<void(bool, std::string_view)> trace;
  std::optional<Completion<Login>> connecting;
  net::Timer retry, limit, keepalive;
  Time online_since{};
  uint64_t answers_dropped = 0;
  bool takes_all = false;  // on_stanza() was set
  bool pinging = false;
  bool closing = false;
  bool destroyed = false;  // the Client has gone; this stays until its callers have returned
};

Client::Client(net::Loop& loop, Options options) : Client(loop, std::move(options), nullptr) {}

Client::Client(net::Loop& loop, Options options,
               std::function<std::unique_ptr<net::Transport>()> make_transport)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(make_transport))) {}

Client::~Client() {
  impl_->closing = impl_->destroyed = true;
  impl_->state = State::closed;
  impl_->let_go(Impl::LetGo::at_once);
  impl_->finish_connect(Err{LoginError{.text = "closed"}});
}

Task<Login> Client::connect() {
  auto impl = impl_;
  if (impl->state == State::online) co_return impl->jid;
  Completion<Login> done;
  impl->connecting = done;
  impl->closing = false;
  OnAbandoned guard([impl] { impl->connecting.reset(); });
  if (impl->state == State::closed) impl->begin();
  auto result = co_await done;
  guard.release();
  co_return result;
}

Task<void> Client::close() {
  auto impl = impl_;
  impl->close();
  if (impl->state == State::closed) co_return;
  Completion<bool> done;
  auto waiting = std::make_shared<bool>(true);
  OnAbandoned guard([waiting] { *waiting = false; });
  impl->state_handlers.push_back([done, waiting](State state) {
    if (state == State::closed && *waiting) done.complete(true);
  });
  co_await done;
  *waiting = false;
}

State Client::state() const { return impl_->state; }
const xmpp::Jid& Client::jid() const { return impl_->jid; }
const std::string& Client::domain() const { return impl_->domain; }
size_t Client::stanza_bytes_max() const { return impl_->stanza_bytes_max(); }
uint64_t Client::answers_dropped() const { return impl_->answers_dropped; }
net::Loop& Client::loop() const { return impl_->loop; }

Task<Answer> Client::request(xmpp::Jid to, std::string type, xml::Element payload, Duration deadline) {
  auto impl = impl_;
  Completion<Answer> done;
  auto token = impl->request(to, type, payload, deadline, [done](Answer answer) { done.complete(std::move(answer)); });
  OnAbandoned guard([impl, token] { impl->pending.forget(token); });
  auto answer = co_await done;
  guard.release();
  co_return answer;
}

uint64_t Client::request(const xmpp::Jid& to, std::string_view type, const xml::Element& payload,
                         Duration deadline, std::function<void(Answer)> done, const xmpp::Jid& from) {
  return impl_->request(to, type, payload, deadline, std::move(done), from);
}

void Client::forget(uint64_t token) { impl_->pending.forget(token); }
void Client::lose(const xmpp::Jid& peer) { impl_->pending.lose(peer); }
bool Client::send(const xml::Element& stanza) { return impl_->send(stanza); }

void Client::on_iq(std::string_view payload_ns, Handler handler) {
  impl_->dispatch.on_iq(payload_ns, std::move(handler));
}
void Client::on_presence(Handler handler) { impl_->dispatch.on_presence(std::move(handler)); }
void Client::on_message(Handler handler) { impl_->dispatch.on_message(std::move(handler)); }
void Client::on_stanza(Handler handler) {
  impl_->takes_all = handler != nullptr;
  impl_->dispatch.on_stanza(std::move(handler));
}
void Client::on_state(std::function<void(State)> handler) {
  impl_->state_handlers.push_back(std::move(handler));
}
void Client::on_trace(std::function<void(bool outbound, std::string_view xml)> handler) {
  impl_->trace = std::move(handler);
}

}  // namespace xbus::client
