// A client's insides: the session over one connection after the other, and what passes through it. Only the files of
// the client itself include this.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/client/client.hpp"
#include "bus/client/connection.hpp"
#include "bus/client/dialer.hpp"
#include "bus/client/dispatch.hpp"
#include "bus/client/id_source.hpp"
#include "bus/client/pending.hpp"
#include "bus/client/progress.hpp"
#include "bus/client/reconnect.hpp"
#include "bus/net/timer.hpp"
#include "bus/net/workers.hpp"
#include "bus/xmpp/sm.hpp"

namespace xbus::client {

struct Client::Impl final : std::enable_shared_from_this<Impl>, Connection::Owner {
  using LoginError = xmpp::LoginError;
  using Login = Result<xmpp::Jid, LoginError>;
  using Handled = xmpp::ClientStream::Actions::Handled;

  Impl(net::Loop& on, Options given, MakeTransport make);
  std::string default_domain() const;
  // Whether the bus is on this host, where one more try costs next to nothing.
  bool local() const;

  // ---- One connection after the other (client_session.cpp) ----

  void set_state(State to);
  void begin();
  void open(Dialer::Dialed dialed);
  // A server that says nothing at all may be waiting for the end of a line, and speak another protocol.
  void nudge();
  void on_established(const xmpp::Jid& bound) override;
  void on_resumed() override;
  // The session has ended while nobody was connected.
  void on_not_resumed(Handled handled) override;
  void on_acknowledged(const xmpp::StreamManagement::Kept& kept) override { acknowledged_end = kept.mark; }
  void on_logged_in();
  void on_ended(const LoginError& why) override { ended(why, LetGo::politely); }
  enum class LetGo { politely, at_once };
  void ended(LoginError error, LetGo how);
  // Whether the session waits for another connection, and with it everything that waits for an answer (XEP-0198
  // section 5).
  bool suspend(const LoginError& error, LetGo how);
  // RFC 6120 section 4.9.3.19: the same domain, the same demands, another host.
  bool follow(const std::string& host);
  // The session is over: nobody of it is heard any more, and what was pending ends.
  void let_go(LetGo how);
  // The connection is.
  void drop(LetGo how);
  // How many bytes were queued so far, on all connections: a request's place in what is sent.
  uint64_t place() const { return before + (connection && !suspended ? connection->queued() : 0); }
  // While the session is let go, what was pending is told so; whoever then sends again finds no connection.
  bool usable() const { return state == State::online && (connection || suspended) && !closing; }
  void finish_connect(Login result);
  void close();
  void keep_alive();
  // Asks for a session that can be resumed, where that was left for later.
  void manage();
  void resume(Options::Resume how);
  // The client goes away: the server is not to keep its session, as far as one write can say so.
  void say_goodbye();

  // ---- Stanzas out ----

  uint64_t request(const xmpp::Jid& to, std::string_view type, const xml::Element& payload, Duration deadline,
                   Pending::Done done, const xmpp::Jid& from = {});
  // Everything is written as in jabber:client without saying so: on a component's stream that is
  // jabber:component:accept for the stanza and its own children, and what stands deeper says its namespace.
  bool send(const xml::Element& stanza);
  // Queues `text`, or says why not.
  std::optional<xmpp::StanzaError> put();
  void keep_until_acknowledged();
  size_t stanza_bytes_max() const;

  // ---- Stanzas in ----

  void on_stanza(const xml::StanzaView& view, const xml::HeaderView& header) override;
  void on_answer(const xml::StanzaView& view, const xml::HeaderView& header);
  // The stanza and its own children from a component's namespace; deeper elements say what they are.
  static xml::Element in_client_ns(xml::Element stanza);

  net::Loop& loop;
  Options options;
  bool in_memory;
  State state = State::closed;
  xmpp::Jid jid;
  std::string domain;
  Progress progress;
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
  net::Timer retry, limit, keepalive, ask, managing;
  std::shared_ptr<xmpp::SmSession> sm;  // while resumption is wanted
  bool suspended = false;               // the session waits for another connection
  Time suspended_until{};
  uint64_t before = 0;            // bytes queued on connections that have gone, and on none
  uint64_t set_aside = 0;         // place(): what stands behind it was never written
  uint64_t acknowledged_end = 0;  // place() of the last stanza that the server has acknowledged, or cannot
  uint64_t put_end = 0;           // place() behind the stanza that was queued last
  std::optional<LoginError> failure;  // see Client::failure()
  Time online_since{};
  uint64_t answers_dropped = 0;
  bool takes_all = false;  // on_stanza() was set
  bool pinging = false;
  bool closing = false;
  net::Workers workers;    // for hashing the password; goes before the loop does
  bool destroyed = false;  // the Client has gone; this stays until its callers have returned
};

}  // namespace xbus::client
