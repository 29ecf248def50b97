// One connection to the server: its transport, what came in and is not consumed, what waits to go
// out. Sessions and component sessions are links.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/net/timer.hpp"
#include "bus/net/transport.hpp"
#include "bus/router/outbox.hpp"
#include "bus/router/rate.hpp"
#include "bus/router/routes.hpp"
#include "bus/server/parcel.hpp"
#include "bus/server/server.hpp"
#include "bus/xmpp/error.hpp"

namespace xbus::server {

class Core;
class Hub;

// Everything but the transport and the flight is guarded by the router's lock, so that other loops
// may end or feed a link; the transport is touched on the link's own loop only.
class Link : public router::Endpoint,
             public net::Transport::Handler,
             public std::enable_shared_from_this<Link> {
 public:
  Link(Hub& hub, Core& core, Kind kind, std::unique_ptr<net::Transport> transport);
  virtual ~Link();

  // `direct_tls`: the handshake comes before anything else.
  void start(bool direct_tls);

  // ---- Under the lock ----
  // A stanza for this link.
  Taken push(Parcel& parcel);
  // One of the server's own; false where the queue is full.
  bool push(std::string_view stanza);
  // The same in two parts, the second shared with other receivers.
  bool push(std::string_view head, const std::shared_ptr<const std::string>& rest);
  // An answer that this link is owed, when push() had no room for it (RFC 6120 section 8.2.3): up to
  // limits::answers_beyond_bytes_max past the bound, and the link is not read until all that waits up to there is
  // written. False, and nothing queued, beyond that.
  bool push_beyond(std::string_view stanza);
  virtual std::string_view content_ns() const = 0;
  // Ends the stream from outside, once the caller has come out of the machine.
  virtual void end(xmpp::StreamCondition condition, std::string_view text) = 0;
  virtual void login_timeout() = 0;
  virtual bool established() const = 0;
  // The account that pays for what this link sends and has queued; nullptr before login.
  virtual router::Owner* owner() = 0;
  // Now and then, on the link's own loop.
  virtual void sweep() {}
  Core& core() { return core_; }
  Hub& hub() const { return hub_; }
  const net::PeerAddress& peer() const { return transport_->peer(); }
  bool closing() const { return closing_; }
  virtual ListenerKind listener() const = 0;  // where it came in
  size_t queued() const { return outbox_.bytes(); }  // not yet written

  // ---- net::Transport::Handler ----
  void on_data(std::string_view bytes) final;
  void on_writable() final;
  void on_secured(const net::TlsFacts& facts) final;
  void on_closed(net::CloseReason reason, std::string_view detail) final;

 protected:
  virtual size_t consume(std::string_view window) = 0;  // under the lock
  virtual void secured(const net::TlsFacts&) {}
  // The connection has ended: leave the routes, tell the others. Under the lock; the outbox still
  // holds what was not written.
  virtual void gone() = 0;
  // As push(), while stream management counts and keeps what goes out.
  virtual bool push_managed(std::string_view) { return false; }
  virtual bool push_managed_beyond(std::string_view) { return false; }

  void send_stream(std::string_view bytes);
  void close_when_written();
  void start_tls_when_written() { tls_wanted_ = true; }
  void mark_dirty();
  void consume_rest();  // after the machine has stopped waiting
  void logged_in();     // ends the time limit of the login
  // Why a link is not read for a while; it is read again when no reason is left. On its own loop.
  enum class Pause : uint8_t {
    password = 1,  // a check is under way
    answer = 2,    // a failed login waits for its answer
    rate = 4,      // its account has sent more than it may
    queue = 8,     // answers past the bound of its queue wait to be written
  };
  void pause(Pause why);
  void resume(Pause why);
  void count_stanza() { ++stanzas_read_; }
  // What was read last was put into so many queues.
  void count_deliveries(uint64_t deliveries);
  // What never went out, for `gone`: runs of whole stanzas, of the first of which `written` bytes went.
  struct Unsent {
    std::vector<router::Piece> pieces;
    size_t written = 0;
  };
  Unsent unsent();

  bool stalled() const { return stalled_; }  // the socket takes nothing; of this link's own loop
  void set_managed(bool managed) { managed_ = managed; }
  router::Outbox& outbox() { return outbox_; }
  // Who pays from now on for what waits here; whoever paid so far may go.
  void charge_to(router::Quota& quota);
  // Nobody pays any more: nothing will wait here.
  void let_go();
  // Another link has what is queued here; nor does a peer that takes nothing keep what is in flight.
  void forget_queue();
  net::Transport& transport() { return *transport_; }

 private:
  friend class Core;
  Taken push_kept(Parcel& parcel);
  // Some at a time: beyond what the account may set off the rest is held until it may again.
  void read(std::string_view bytes);
  Duration overdrawn();
  void hold(std::string_view bytes);
  void wait_for_rate(Duration wait);
  void rate_over();  // the time has come to read again
  // Of what waits, so many bytes more have been written.
  void written(size_t bytes) {
    if (beyond_left_ != 0) [[unlikely]]
      written_beyond(bytes);
  }
  void written_beyond(size_t bytes);
  void read_again();
  void feed(std::string_view bytes);
  // After a read: its bytes are paid for, what is kept of them is charged.
  void settle(size_t bytes_read);
  void charge_unread();
  void give_up_stalled();  // on its own loop

  Hub& hub_;
  Core& core_;
  std::unique_ptr<net::Transport> transport_;
  std::string unread_;  // the beginning of a stanza
  std::string held_;    // what came behind it and is not looked at yet
  router::Outbox outbox_;
  router::Flight flight_;
  // While it has not logged in.
  struct Waiting {
    Waiting(net::Loop& loop, std::string from) : timer(loop), group(std::move(from)) {}
    net::Timer timer;
    std::string group;  // LoginGuard's, as it was when it came
  };
  std::unique_ptr<Waiting> waiting_;
  std::unique_ptr<net::Timer> rate_timer_;
  std::optional<router::Charge> half_sent_;  // for `unread_`, while there is something
  std::optional<router::Charge> beyond_;     // answers past the bound, while `beyond_left_`
  size_t beyond_left_ = 0;                   // bytes to be written up to the last of them
  router::Rate::Share rate_share_;
  uint32_t stanzas_read_ = 0;  // since the last read was paid for
  Time stalled_since_{};  // when the socket last stopped taking bytes
  uint8_t paused_ = 0;  // a bit for each Pause
  bool dirty_ = false;
  bool stalled_ = false;
  bool closing_ = false;
  bool closed_ = false;
  bool tls_wanted_ = false;
  bool prelogin_ = true;
  bool managed_ = false;
};

}  // namespace xbus::server
