// One client's session: the stream machine, its place in the routes, its presence.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bus/router/routes.hpp"
#include "bus/router/splice.hpp"
#include "bus/router/quota.hpp"
#include "bus/server/link.hpp"
#include "bus/server/server.hpp"
#include "bus/xmpp/server_stream.hpp"

namespace xbus::server {

class Contacts;

class Session final : public Link, public xmpp::ServerStream::Actions {
 public:
  // `as`: the account of an in-memory connection, as the kernel would tell it on a unix socket.
  Session(Hub& hub, Core& core, std::unique_ptr<net::Transport> transport, ListenerKind kind,
          std::optional<std::string> as);
  ~Session() override;

  // ---- Under the lock ----
  const xmpp::Jid& jid() const { return slot_->jid(); }
  const xmpp::Jid& bare() const { return slot_->owner().bare(); }
  bool bound() const { return slot_ != nullptr; }
  router::Slot& slot() { return *slot_; }
  const router::Stamp& stamp() const { return stamp_; }
  const xml::HeaderView& header() const { return stream_.header(); }

  // What presence needs to know of a session; made with the first presence or roster request.
  struct Presence {
    std::string last;  // the last one broadcast, while available, without `to`; as text
    std::set<xmpp::Jid> directed;        // who was told directly, and is told when the session ends
    std::optional<router::Charge> told;  // of `directed`, to the account, while on the routes
    std::shared_ptr<Contacts> contacts;  // the account's roster, kept loaded
    bool interested = false;             // asked for the roster: gets pushes (RFC 6121 section 2.2)
  };
  Presence& presence();
  Presence* presence_if_any() { return presence_.get(); }

  std::string_view content_ns() const override { return xml::ns_client; }
  void end(xmpp::StreamCondition condition, std::string_view text) override;
  void login_timeout() override { stream_.on_login_timeout(); }
  bool established() const override { return stream_.established(); }
  router::Owner* owner() override { return slot_ ? &slot_->owner() : nullptr; }
  ListenerKind listener() const override { return kind_; }
  // Bytes that it has not taken or not acknowledged; without a connection it takes none.
  size_t waiting() const;
  // Leaves the routes and tells those who knew it was there; what comes later is for nobody.
  void leave();
  // To the senders, what never went out.
  void give_back();
  void sweep() override;

  // ---- xmpp::ServerStream::Actions ----
  void send(std::string_view bytes) override;
  void start_tls() override;
  std::optional<xmpp::ScramKeys> scram_keys(std::string_view local, xmpp::ScramHash hash) override;
  void check_password(std::string_view local, std::string_view password) override;
  std::optional<std::string> external_account(std::string_view authzid) override;
  void authenticated(std::string_view local, std::string_view mechanism) override;
  void login_failed(std::string_view local, std::string_view mechanism) override;
  Result<xmpp::Jid, xmpp::StanzaError> bind(std::string_view resource) override;
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView& header) override;
  void reply(std::string_view stanza) override {
    if (!push(stanza)) push_beyond(stanza);
  }
  xmpp::SmEnabled sm_enabled(const xmpp::SmEnable& wanted) override;
  Result<Former, xml::Element> sm_resume(const xmpp::SmResume& wanted) override;
  void sm_resumed() override;
  void sm_acknowledged(const xmpp::StreamManagement::Kept& kept) override;
  void close() override;

 private:
  size_t consume(std::string_view window) override {
    return answer_held() ? 0 : stream_.on_bytes(window);
  }
  // What the stream says waits for that long, and so does what the client says next.
  void hold_answer(Duration delay);
  void send_answer();
  bool answer_held() const { return login_ && login_->held && login_->held->active; }
  void secured(const net::TlsFacts& facts) override;
  void gone() override;

  // ---- Stream management (session_sm.cpp) ----
  bool push_managed(std::string_view stanza) override;
  bool push_managed_beyond(std::string_view stanza) override;
  void note_sent(std::string_view stanza);
  // The connection has gone and the session stays; false: it may not.
  bool detach();
  // Ends it: what was not acknowledged, for return_unacked().
  std::unique_ptr<xmpp::StreamManagement> end_managed();

  xmpp::ServerStream stream_;
  std::unique_ptr<router::Slot> slot_;
  std::unique_ptr<xmpp::Jid> left_;  // its account, when it has left the routes
  router::Stamp stamp_;
  std::unique_ptr<Presence> presence_;
  // What stream management needs beside the stream's counters.
  struct Managed {
    Managed(router::Quota& quota, size_t bytes_max) : charge(quota, bytes_max) {}
    router::Charge charge;            // of what is not acknowledged
    std::optional<router::Charge> beyond;  // answers past its bound, until the last of them is acknowledged:
    size_t beyond_kept = 0;                // so many stanzas from now
    std::string id;                   // empty: not to be resumed
    Duration within{};                // how long it waits for another connection
    std::optional<Time> asked_since;  // an answer is awaited, as seen by sweep()
    bool detached = false;            // there is no connection
  };
  std::unique_ptr<Managed> managed_;
  // What is known until the session is bound.
  struct Login {
    std::string local;              // who has authenticated
    std::optional<std::string> as;  // the account the kernel or the pipe's maker vouches for
    std::vector<std::string> certificate_addresses;
    struct Held {
      explicit Held(net::Loop& loop) : timer(loop) {}
      std::string text;
      net::Timer timer;
      bool active = false;
      bool close = false;  // the stream has ended behind it
    };
    std::unique_ptr<Held> held;
  };
  std::unique_ptr<Login> login_;
  ListenerKind kind_;
};

}  // namespace xbus::server
