// One connection of a client, from a connected transport to its end: the stream machine, and writes gathered.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/client/progress.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/transport.hpp"
#include "bus/net/workers.hpp"
#include "bus/xmpp/client_stream.hpp"
#include "bus/xmpp/component_stream.hpp"

namespace xbus::client {

class Connection final : public std::enable_shared_from_this<Connection>,
                         private net::Transport::Handler,
                         private xmpp::ClientStream::Actions {
 public:
  class Owner {
   public:
    virtual void on_established(const xmpp::Jid& jid) = 0;
    virtual void on_resumed() = 0;  // instead of on_established()
    virtual void on_not_resumed(xmpp::ClientStream::Actions::Handled handled) = 0;  // before it
    virtual void on_acknowledged(const xmpp::StreamManagement::Kept& kept) = 0;
    virtual void on_stanza(const xml::StanzaView& stanza, const xml::HeaderView& header) = 0;
    // Final, once: the session is over. After end() too, then with the kind `closed`.
    virtual void on_ended(const xmpp::LoginError& why) = 0;

   protected:
    ~Owner() = default;
  };

  struct Plan {
    std::shared_ptr<net::TlsContext> tls;  // for STARTTLS and direct TLS
    std::string server_name;               // the domain that the certificate must be for
    bool direct_tls = false;
    xmpp::ClientStreamOptions stream;
    std::string component_secret;  // not empty: XEP-0114
    Progress* progress = nullptr;  // told of each step while there is an owner
    net::Workers* workers = nullptr;  // for the password's rounds; null: they run on the loop
  };

  Connection(net::Loop& loop, std::unique_ptr<net::Transport> transport, Plan plan, Owner& owner);
  ~Connection();

  void start();
  // Queues for the one write at the end of this round. False when too much waits already.
  bool queue(std::string_view bytes);
  void end();     // </stream:stream> behind what is queued, and waits for the peer's
  void manage();  // asks for stream management, where it was left for later
  // end() in one write, as far as the transport takes it: nothing is waited for.
  void leave();
  void detach();  // the owner hears nothing any more; what is under way ends by itself

  uint64_t queued() const { return queued_; }    // bytes ever given to queue()
  uint64_t written() const { return written_; }  // of these, what the transport has taken
  bool heard() const { return heard_; }  // the server has said something
  bool cut() const { return cut_; }  // it ended without a word of the stream
  Time last_received() const { return last_received_; }
  bool quiet_since(Time when) const { return last_sent_ < when; }  // nothing was sent
  size_t stanza_bytes_max() const;
  const net::PeerAddress& peer() const { return transport_->peer(); }

 private:
  void on_data(std::string_view bytes) override;
  void on_writable() override;
  void on_secured(const net::TlsFacts& facts) override;
  void on_closed(net::CloseReason reason, std::string_view detail) override;

  void send(std::string_view bytes) override;
  void start_tls() override;
  void hash_password(xmpp::ScramWork work) override;
  void established(const xmpp::Jid& jid) override;
  void resumed() override;
  void not_resumed(Handled handled) override;
  void acknowledged(const xmpp::StreamManagement::Kept& kept) override;
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) override;
  void reached(xmpp::ClientStream::Actions::Reached point) override;
  void failed(const xmpp::LoginError& error) override;
  void close() override;

  size_t feed(std::string_view window);
  void hashed(const std::string& salted);
  void schedule();
  void flush();
  void tell_end(const xmpp::LoginError& why);
  Progress* progress() const { return owner_ ? plan_.progress : nullptr; }

  net::Loop& loop_;
  std::unique_ptr<net::Transport> transport_;
  Plan plan_;
  Owner* owner_;
  std::optional<xmpp::ClientStream> client_;
  std::optional<xmpp::ComponentStream> component_;
  std::string in_;   // received, not yet consumed
  std::string out_;  // queued, from out_done_ on not yet taken by the transport
  size_t out_done_ = 0;
  uint64_t queued_ = 0, written_ = 0;
  Time last_received_, last_sent_;
  bool heard_ = false;
  bool features_told_ = false;
  bool secured_ = false;
  bool logged_in_ = false;
  bool started_ = false;    // the stream machine runs
  bool scheduled_ = false;  // a flush is deferred
  bool closing_ = false;    // the dialogue is over: close when everything is written
  bool ended_ = false;      // the stream has ended
  bool cut_ = false;
  bool blocked_ = false;    // the transport took less than it was given
};

}  // namespace xbus::client
