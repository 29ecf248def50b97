// The server's stream machine itself, shared by its files: before and after the stream is
// established.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/xml/element.hpp"
#include "bus/xmpp/sasl2.hpp"
#include "bus/xmpp/sasl_server.hpp"
#include "bus/xmpp/server_stream.hpp"
#include "bus/xmpp/stream_frame.hpp"
#include "bus/xmpp/stream_text.hpp"

namespace xbus::xmpp {

using xml::Element;
using xml::StanzaView;

struct ServerStream::State final : AcceptFrame<ServerStream::State>, SaslServer::Accounts {
  enum class Phase : uint8_t {
    header,       // the peer's header comes next
    negotiating,  // features are out; starttls, SASL or bind comes next
    tls,          // <proceed/> is out; only on_secured() goes on
    password,     // a check is under way; only on_password() goes on
    established,
    closing,  // our </stream:stream> is out, the peer may still say what it has to say
    over,
  };

  State(const ServerStreamOptions& o, Actions& a) : options(o), actions(a) {}

  // ---- Sending ----

  void send_header(std::string& out) {
    const auto& theirs = scanner.header();
    std::string to;
    if (theirs.has_from)
      if (const auto from = Jid::parse(theirs.from)) to = from->bare_str();
    const std::string id = crypto::random_id();
    out +=
        stream_header_text({.from = asked_for(), .to = to, .id = id, .lang = options.default_lang});
    header_sent = true;
  }

  bool serves(std::string_view name) const {
    return name == options.domain || (!options.alias.empty() && name == options.alias);
  }
  // The domain by the name that the peer's header has for it.
  const std::string& asked_for() const {
    const auto& theirs = scanner.header();
    if (options.alias.empty() || !theirs.has_to) return options.domain;
    const auto to = Jid::parse(theirs.to);
    return to && to->is_domain() && to->domain() == options.alias ? options.alias : options.domain;
  }

  // After <proceed/> nothing may be said in clear.
  bool mute() const { return phase == Phase::tls; }

  void send(const Element& element) { actions.send(first_level_text(element)); }

  // ---- Receiving ----

  bool reading() const {
    return phase != Phase::over && phase != Phase::tls && phase != Phase::password;
  }

  size_t on_bytes(std::string_view window) {
    if (phase == Phase::tls && !window.empty()) {
      // Sent in clear by who was told to begin TLS (CORE-16).
      fail(StreamCondition::policy_violation);
      return window.size();
    }
    return read(window);
  }

  // ---- Before the stream is established (server_stream_login.cpp) ----

  // The peer's `from`, where there is one, is who it has proven to be (section 6.4.6).
  bool from_fits(std::string_view account) const;
  std::optional<StreamError> refusal() const;
  void on_header();
  std::string features() const;
  bool can_start_tls() const;
  bool tls_first() const;
  // By TLS, or by the kernel on a unix socket.
  bool sheltered() const { return login->channel.tls || options.external_by_uid; }
  // `behind` bytes of the window follow the element.
  void on_element(const StanzaView& view, size_t behind);
  void on_starttls(size_t behind);
  void on_secured(const net::TlsFacts& facts);
  void restart();
  void on_sasl(const Element& element);
  void on_sasl2(const Element& element);
  void reply(SaslServer::Reply next);
  void proven(SaslServer::Reply next);
  // The end of a SASL2 login: what was asked for with it is done, and told with it.
  void proven2(const SaslServer::Reply& next);
  void on_password(bool right);
  std::optional<ScramKeys> scram_keys(std::string_view name, ScramHash hash) override {
    return actions.scram_keys(name, hash);
  }
  void check_password(std::string_view name, std::string_view password) override {
    actions.check_password(name, password);
  }
  std::optional<std::string> external_account(std::string_view authzid) override {
    return actions.external_account(authzid);
  }
  void on_early_stanza(const StanzaView& view);
  Result<Jid, StanzaError> take_resource(const Element& request);
  // The resource of Bind 2: the tag, and what nobody guesses.
  Result<Jid, StanzaError> take_tagged(const std::string& tag);
  bool bind_failed_too_often() const { return login->bind_failures >= limits::bind_attempts_max; }
  void on_early_sm(const Element& element);
  // <failed/>. Ids are not for guessing: as many tries as for a resource.
  void refuse_early(const Element& failed);
  // Takes up the former session, and the stream is established; or <failed/>.
  std::optional<Element> take_up(const std::optional<SmResume>& wanted);
  // Tells that it goes on, by `text`, and sends what the client has not handled.
  void say_resumed(std::string text);
  void establish();

  // ---- Established: the hot path allocates and copies nothing ----

  void on_stanza(const StanzaView& view) {
    if (view.kind == StanzaView::Kind::other) {
      if (view.ns == ns_sm && options.stream_management)
        return on_sm(xml::build(view, scanner.header()));
      return on_other(view);
    }
    if (view.kind == StanzaView::Kind::iq && view.payload_name == "session" &&
        view.payload_ns == ns_session && on_session(view))
      return on_handled();
    actions.deliver(view, scanner.header());
    on_handled();
  }

  void on_handled() {
    if (!sm) return;
    sm->handled();
    if (sm->tell_due()) actions.send(sm->answer());
  }

  // An element that is no stanza and belongs to no feature (section 4.8.4).
  void on_other(const StanzaView& view);
  // Old clients ask for the session that binding gave them already (RFC 3921 section 3).
  bool on_session(const StanzaView& view);

  // ---- Stream management ----

  void on_sm(const Element& element);
  void on_enable(const SmEnable& wanted);
  // It is on from now; <enabled/>.
  Element manage(const SmEnable& wanted);
  void on_acknowledged(const Element& element);
  bool acknowledge(uint32_t count);

  // What only the time before the stream is established needs.
  struct Login {
    SaslChannel channel;
    std::unique_ptr<SaslServer> sasl;
    size_t sasl_failures = 0;
    size_t bind_failures = 0;
    std::optional<bool> early_password;
    bool sasl2 = false;  // the attempt is one of SASL2
    Sasl2Wishes wishes;  // what it asked for besides
    bool in_sasl = false;
  };

  const ServerStreamOptions& options;
  Actions& actions;
  xml::Scanner scanner;
  std::unique_ptr<Login> login = std::make_unique<Login>();
  std::unique_ptr<StreamManagement> sm;  // while it is on
  std::string local;                     // who has logged in; empty before
  Jid jid;
  Phase phase = Phase::header;
  bool header_sent = false;
};

}  // namespace xbus::xmpp
