// A client of the bus: connects, logs in, reconnects by itself, matches answers to requests, hands stanzas to those
// who asked for them.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/client/answer.hpp"
#include "bus/client/options.hpp"
#include "bus/clock.hpp"
#include "bus/limits.hpp"
#include "bus/net/loop.hpp"
#include "bus/result.hpp"
#include "bus/task.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/client_stream.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::net {
class Transport;
}

namespace xbus::client {

struct Step;

enum class State { connecting, online, offline, closed };

// Not thread-safe; lives on one loop. Destroying it closes the connection; pending requests end as lost.
class Client {
 public:
  Client(net::Loop& loop, Options options);
  // Over transports that `make_transport` gives (the in-memory pipe of LocalBus), one each connection.
  Client(net::Loop& loop, Options options,
         std::function<std::unique_ptr<net::Transport>()> make_transport);
  ~Client();

  // Connects and logs in; completes with the full JID at the first login, or with the reason when trying again makes
  // no sense (wrong credentials, untrusted certificate) or reconnect is off. One caller at a time.
  Task<Result<xmpp::Jid, xmpp::LoginError>> connect();
  // </stream:stream>, waits for the peer's, closes. Queued stanzas are written first.
  Task<void> close();

  State state() const;
  const xmpp::Jid& jid() const;  // full; empty before the first login
  const std::string& domain() const;
  // The largest stanza that the server takes (XEP-0478, else Options::stanza_bytes_assumed).
  size_t stanza_bytes_max() const;
  // Answers that nothing waited for: late, sent twice, or from someone who was not asked.
  uint64_t answers_dropped() const;
  net::Loop& loop() const;

  // Sends an iq of type get or set and completes with how it ended. Sets the id. An answer must come from the JID
  // that was asked (RFC 6120 section 8.1.2.1 for an absent from), else it is dropped (RPC-24).
  Task<Answer> request(xmpp::Jid to, std::string type, xml::Element payload,
                       Duration deadline = limits::call_time_default);
  // The same with a callback, for those who start many; returns a token for forget(). A component gives its `from`.
  uint64_t request(const xmpp::Jid& to, std::string_view type, const xml::Element& payload,
                   Duration deadline, std::function<void(Answer)> done, const xmpp::Jid& from = {});
  void forget(uint64_t token);  // no callback; a late answer is dropped and counted
  // Ends the pending requests to that full JID as lost: its session has gone.
  void lose(const xmpp::Jid& peer);

  // What Options::resume says, from now on: of the session that stands too, where nothing was asked for yet.
  void resume(Options::Resume how);

  // Sends a message, presence or an answer. False when offline or larger than the server takes.
  bool send(const xml::Element& stanza);

  // Who handles what. One handler a namespace of iq payload; unhandled get and set get service-unavailable. A handler
  // answers by send(), now or later. Ping (0199), disco (0030), time (0202) and version (0092) are small features of
  // their own that use this same function.
  using Handler = std::function<void(const xml::Element& stanza)>;
  void on_iq(std::string_view payload_ns, Handler handler);
  // Every presence, every message, in the order received. More than one handler may be set.
  void on_presence(Handler handler);
  void on_message(Handler handler);
  // Why the last connection ended, or the last try to connect: while offline, and when closed for good. Nothing while
  // online and after close().
  const std::optional<xmpp::LoginError>& failure() const;
  // Connection state changes: after a reconnection the owner sends presence and registrations again.
  void on_state(std::function<void(State)> handler);
  // Takes every stanza but the answers to requests; no other handler is called then and nothing is answered by
  // itself. For a component that is an entity of its own.
  void on_stanza(Handler handler);
  // Each step of a connection that comes about (progress.hpp), from the next connect() on. The handler may neither
  // destroy nor close the client.
  void on_step(std::function<void(const Step&)> handler);
  // Every stanza as text, for --explain.
  void on_trace(std::function<void(bool outbound, std::string_view xml)> handler);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with what it has under way
};

}  // namespace xbus::client
