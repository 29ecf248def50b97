#include "bus/xmpp/component_stream.hpp"

#include <utility>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/crypto/random.hpp"
#include "bus/xmpp/stream_frame.hpp"
#include "bus/xmpp/stream_text.hpp"

namespace xbus::xmpp {
namespace {

using xml::Element;
using xml::StanzaView;
using Kind = LoginError::Kind;

// XEP-0114 section 3: lower-case hexadecimal SHA-1 of the stream id and the secret.
std::string handshake_text(std::string_view id, std::string_view secret) {
  return crypto::hex_encode(
      crypto::digest(crypto::Hash::sha1, std::string(id) + std::string(secret)));
}

Element handshake(std::string_view text = {}) {
  Element element("handshake", std::string(xml::ns_component));
  if (!text.empty()) element.add_text(text);
  return element;
}

bool is_handshake(const StanzaView& view) {
  return view.ns == xml::ns_component && view.name == "handshake";
}

bool is_error(const StanzaView& view) { return view.ns == xml::ns_stream && view.name == "error"; }

enum class Phase : uint8_t { idle, header, handshake, established, closing, over };

}  // namespace

// ---- The component ----

struct ComponentStream::State : CallFrame<ComponentStream::State> {
  State(std::string d, std::string s, ClientStream::Actions& a)
      : domain(std::move(d)), secret(std::move(s)), actions(a) {}
  ~State() { crypto::wipe(secret); }

  bool mute() const { return phase == Phase::idle; }
  bool reading() const { return phase != Phase::idle && phase != Phase::over; }

  void start() {
    const auto made = Jid::make({}, domain);
    if (!made) return fail(Kind::protocol, "no domain");
    jid = *made;
    phase = Phase::header;
    actions.send(
        stream_header_text({.content_ns = xml::ns_component, .to = jid.str(), .version = {}}));
  }

  void on_header() {
    const auto& header = scanner.header();
    if (const auto fault = header_fault(header, xml::ns_component, VersionNeeded::no))
      return refuse(*fault);
    if (phase == Phase::closing) return;
    phase = Phase::handshake;
    // An error may follow a header without an id.
    if (!header.id.empty())
      actions.send(
          first_level_text(handshake(handshake_text(header.id, secret)), xml::ns_component));
  }

  void on_stanza(const StanzaView& view) {
    if (view.kind != StanzaView::Kind::other) return actions.deliver(view, scanner.header());
    // Anything else is of no feature we asked for.
    if (is_error(view)) on_error(xml::build(view, scanner.header()));
  }

  void on_element(const StanzaView& view, size_t) {
    if (is_error(view)) return on_error(xml::build(view, scanner.header()));
    if (phase == Phase::closing) return deliver_late(view);
    if (!is_handshake(view)) return refuse(stream_error(StreamCondition::unsupported_stanza_type));
    // What a server passes on is longer than what it was sent.
    scanner.set_stanza_bytes_max(limits::stanza_bytes_max + limits::stanza_bytes_stamped_max);
    phase = Phase::established;
    actions.established(jid);
  }

  void on_error(const Element& element) {
    if (phase == Phase::closing) return on_close();
    const auto error = stream_error_from(element);
    const bool secret_wrong =
        phase == Phase::handshake && error.condition == StreamCondition::not_authorized;
    fail(told(secret_wrong ? Kind::wrong_credentials : Kind::stream_error, error));
  }

  std::string domain, secret;
  ClientStream::Actions& actions;
  xml::Scanner scanner{xml::ScanLimits{
      .attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max}};
  Jid jid;
  Phase phase = Phase::idle;
};

ComponentStream::ComponentStream(std::string domain, std::string secret,
                                 ClientStream::Actions& actions)
    : state_(std::make_unique<State>(std::move(domain), std::move(secret), actions)) {}
ComponentStream::~ComponentStream() = default;
void ComponentStream::start() { state_->start(); }
size_t ComponentStream::on_bytes(std::string_view window) { return state_->read(window); }
void ComponentStream::end() { state_->end(); }
bool ComponentStream::established() const { return state_->phase == Phase::established; }

// ---- The server ----

struct ComponentAcceptStream::State : AcceptFrame<ComponentAcceptStream::State> {
  State(size_t bytes, Actions& a) : stanza_bytes_max(bytes), actions(a) {}
  ~State() { crypto::wipe(secret); }

  void send_header(std::string& out) {
    if (id.empty()) id = crypto::random_id();
    out += stream_header_text(
        {.content_ns = xml::ns_component, .from = jid.str(), .id = id, .version = {}});
    header_sent = true;
  }

  bool mute() const { return false; }
  bool reading() const { return phase != Phase::over; }

  void on_header() {
    const auto& header = scanner.header();
    if (const auto fault = header_fault(header, xml::ns_component, VersionNeeded::no))
      return fail(*fault);
    if (phase == Phase::closing) return;
    const auto domain = Jid::parse(header.to);
    if (!header.has_to || !domain || !domain->is_domain())
      return fail(StreamCondition::host_unknown);
    auto known = actions.component_secret(domain->str());
    if (!known) return fail(StreamCondition::host_unknown);
    jid = *domain;
    secret = std::move(*known);
    phase = Phase::handshake;
    std::string out;
    send_header(out);
    actions.send(out);
  }

  void on_stanza(const StanzaView& view) {
    if (view.kind != StanzaView::Kind::other) return actions.deliver(view, scanner.header());
    if (is_error(view)) return on_close();
    fail(StreamCondition::unsupported_stanza_type);
  }

  void on_element(const StanzaView& view, size_t) {
    if (is_error(view)) return on_close();
    if (phase == Phase::closing) return deliver_late(view);
    if (!is_handshake(view)) return fail(StreamCondition::not_authorized);
    const auto given = xml::build(view, scanner.header()).text();
    const auto wanted = handshake_text(id, secret);
    crypto::wipe(secret);
    if (!crypto::equal(given, wanted)) return fail(StreamCondition::not_authorized);
    if (!actions.attach(jid)) return fail(StreamCondition::conflict);
    if (phase == Phase::over) return;
    scanner.set_stanza_bytes_max(stanza_bytes_max);
    phase = Phase::established;
    actions.send(first_level_text(handshake(), xml::ns_component));
  }

  size_t stanza_bytes_max;
  Actions& actions;
  xml::Scanner scanner;
  Jid jid;
  std::string secret, id;
  Phase phase = Phase::header;
  bool header_sent = false;
};

ComponentAcceptStream::ComponentAcceptStream(size_t stanza_bytes_max, Actions& actions)
    : state_(std::make_unique<State>(stanza_bytes_max, actions)) {}
ComponentAcceptStream::~ComponentAcceptStream() = default;
size_t ComponentAcceptStream::on_bytes(std::string_view window) { return state_->read(window); }
void ComponentAcceptStream::on_login_timeout() {
  if (!established()) state_->fail(StreamCondition::connection_timeout, "login took too long");
}
void ComponentAcceptStream::end(StreamCondition condition, std::string_view text) {
  state_->fail(condition, text);
}
void ComponentAcceptStream::end() { state_->end(); }
bool ComponentAcceptStream::established() const { return state_->phase == Phase::established; }
const Jid& ComponentAcceptStream::jid() const { return state_->jid; }
const xml::HeaderView& ComponentAcceptStream::header() const { return state_->scanner.header(); }

}  // namespace xbus::xmpp
