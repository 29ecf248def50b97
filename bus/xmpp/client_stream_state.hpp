// The client's stream machine itself, shared by its files: before and after the stream is established.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/limits.hpp"
#include "bus/xmpp/client_stream.hpp"
#include "bus/xmpp/sasl2.hpp"
#include "bus/xmpp/sasl_client.hpp"
#include "bus/xmpp/stream_frame.hpp"
#include "bus/xmpp/stream_text.hpp"

namespace xbus::xmpp {

using xml::Element;
using xml::StanzaView;
using Kind = LoginError::Kind;

struct ClientStream::State : CallFrame<ClientStream::State> {
  enum class Phase : uint8_t {
    idle,
    header,    // the server's header comes next
    features,  // then its features
    starttls,  // <starttls/> is out
    tls,       // only on_secured() goes on
    sasl,      // a login is under way
    hashing,   // and waits for work(); only on_password_hashed() goes on
    resume,    // the request is out
    bind,      // likewise
    bound,     // by the login itself; features follow
    established,
    closing,  // our </stream:stream> is out
    over,
  };

  State(ClientStreamOptions o, Actions& a) : options(std::move(o)), actions(a) {}

  // ---- Ending ----

  // Nothing of ours was said yet, or nothing may be said in clear.
  bool mute() const { return phase == Phase::idle || phase == Phase::tls; }
  void unexpected(const StanzaView& view) {
    refuse(stream_error(StreamCondition::unsupported_stanza_type,
                        "unexpected " + std::string(view.name)));
  }

  // ---- Sending ----

  void start();
  void send_header();
  void restart();
  void send(const Element& element) { actions.send(first_level_text(element)); }

  // ---- Receiving ----

  bool reading() const {
    return phase != Phase::over && phase != Phase::tls && phase != Phase::hashing;
  }

  size_t on_bytes(std::string_view window) {
    if (phase == Phase::idle) return 0;
    if (phase == Phase::tls && !window.empty()) {
      fail(Kind::protocol, "data in clear behind proceed");
      return window.size();
    }
    if (!heard && !window.empty() && !is_first_of_xmpp(window)) return window.size();
    return read(window);
  }

  // The hot path: nothing is allocated or copied.
  void on_stanza(const StanzaView& view) {
    if (view.kind != StanzaView::Kind::other) {
      actions.deliver(view, scanner.header());
      if (options.sm && options.sm->counting) on_handled();
      return;
    }
    if (view.ns == ns_sm && options.sm) return on_sm(xml::build(view, scanner.header()));
    // Whatever else a server may say at this level is of a feature we did not ask for (section
    // 4.8.4).
    if (view.ns == xml::ns_stream && view.name == "error")
      on_error(xml::build(view, scanner.header()));
  }

  // ---- Until the stream is established (client_stream_login.cpp) ----

  // False where the stream is over: what answers begins in another protocol.
  bool is_first_of_xmpp(std::string_view window);
  void on_header();
  std::optional<StreamError> from_fault() const;
  // `behind` bytes of the window follow the element.
  void on_element(const StanzaView& view, size_t behind);
  void on_error(const Element& element);
  void on_features(Element features);
  void take_features(Element features);
  void on_starttls(const StanzaView& view, size_t behind);
  void on_secured(const net::TlsFacts& facts);
  SaslOffer offer() const;
  void log_in();
  // By SASL2, with what is wished for besides.
  void authenticate(const Sasl2Feature& feature, std::string_view first);
  void on_sasl(const Element& element);
  void on_success(const Element& element);
  void on_success2(const Element& element);
  void respond(std::string_view text);
  void on_password_hashed(std::string_view salted);
  void on_failure(const SaslFailure& failure);
  void give_up(ScramError error);
  void send_bind();
  void on_bind(const Element& answer);
  // The resource is ours.
  void establish();
  // Bound by SASL2: the features have come, or something else has in their place.
  void on_bound(const StanzaView& view);
  void send_resume();
  void on_resume_answer(const Element& element);
  // The former session has ended, as `failed` says; null: nobody says. False: the stream is over.
  bool start_anew(const Element* failed);

  // ---- Stream management ----

  bool manages() const { return offered.first("sm", ns_sm) != nullptr; }
  // A new session of it.
  void begin_managing();
  void manage();
  void on_handled() {
    auto& counts = options.sm->counts;
    counts.handled();
    if (phase == Phase::established && counts.tell_due()) actions.send(counts.answer());
  }

  void on_sm(const Element& element);
  bool acknowledge(uint32_t count);
  // Goodbye ends the session, and says before that what was handled of it (SM-08, SM-17).
  void end();

  ClientStreamOptions options;
  Actions& actions;
  xml::Scanner scanner{xml::ScanLimits{
      .attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max}};
  SaslChannel channel;
  std::unique_ptr<SaslClient> sasl;
  Element offered;
  Jid own;  // the bare JID of the account, when known; after binding the full one
  std::string bind_id;
  size_t stanza_bytes_max = limits::stanza_bytes_assumed;
  Phase phase = Phase::idle;
  bool sasl2 = false;             // the login under way is one of SASL2
  Sasl2Wishes wishes;             // what it asked for besides
  std::optional<Element> managed; // how Bind 2 answered <enable/>
  bool authenticated = false;
  bool external_failed = false;
  bool asked_to_manage = false;
  bool heard = false;  // anything at all
};

}  // namespace xbus::xmpp
