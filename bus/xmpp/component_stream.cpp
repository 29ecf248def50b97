#include "bus/xmpp/component_stream.hpp"

#include <utility>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/crypto/random.hpp"
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

// The loop both sides share: `State` says what each event means.
template <class State>
size_t read(State& state, std::string_view window) {
  if (state.phase == Phase::idle) return 0;
  size_t done = 0;
  while (state.phase != Phase::over) {
    const auto step = state.scanner.next(window.substr(done));
    done += step.consumed;
    switch (step.event) {
      case xml::Scanner::Event::stanza:
        if (state.phase == Phase::established &&
            state.scanner.stanza().kind != StanzaView::Kind::other)
          state.actions.deliver(state.scanner.stanza(), state.scanner.header());
        else
          state.on_element(state.scanner.stanza());
        break;
      case xml::Scanner::Event::more:
        return done;
      case xml::Scanner::Event::header:
        state.on_header();
        break;
      case xml::Scanner::Event::close:
        state.on_close();
        break;
      case xml::Scanner::Event::error:
        state.fail(error_of_scan(state.scanner.error()));
        break;
    }
  }
  return window.size();
}

}  // namespace

// ---- The component ----

struct ComponentStream::State {
  State(std::string d, std::string s, ClientStream::Actions& a)
      : domain(std::move(d)), secret(std::move(s)), actions(a) {}
  ~State() { crypto::wipe(secret); }

  void finish(const LoginError& error, std::string_view last) {
    if (phase == Phase::over) return;
    const bool silent = phase == Phase::idle || phase == Phase::closing;
    phase = Phase::over;
    if (!silent) actions.send(last);
    actions.failed(error);
    actions.close();
  }
  // The server broke the protocol: it is told how.
  void fail(const StreamError& error) {
    finish({.kind = Kind::protocol,
            .stream = error.condition,
            .text = error.text.empty() ? std::string(name_of(error.condition)) : error.text},
           stream_error_text(error));
  }

  void start() {
    const auto made = Jid::make({}, domain);
    if (!made) return finish({.kind = Kind::protocol, .stream = {}, .text = "no domain"}, {});
    jid = *made;
    phase = Phase::header;
    actions.send(
        stream_header_text({.content_ns = xml::ns_component, .to = jid.str(), .version = {}}));
  }

  void end() {
    if (phase == Phase::over || phase == Phase::closing) return;
    if (phase == Phase::idle) {
      phase = Phase::over;
      return actions.close();
    }
    was_established = phase == Phase::established;
    phase = Phase::closing;
    actions.send(stream_close_tag);
  }

  void on_header() {
    const auto& header = scanner.header();
    if (const auto fault = header_fault(header, xml::ns_component, VersionNeeded::no))
      return fail(*fault);
    if (phase == Phase::closing) return;
    phase = Phase::handshake;
    // An error may follow a header without an id.
    if (!header.id.empty())
      actions.send(
          first_level_text(handshake(handshake_text(header.id, secret)), xml::ns_component));
  }

  void on_element(const StanzaView& view) {
    if (is_error(view)) return on_error(xml::build(view, scanner.header()));
    if (phase == Phase::closing) {
      if (was_established && view.kind != StanzaView::Kind::other)
        actions.deliver(view, scanner.header());
      return;
    }
    if (phase == Phase::established) return;  // of no feature we asked for
    if (!is_handshake(view)) return fail(stream_error(StreamCondition::unsupported_stanza_type));
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
    finish({.kind = secret_wrong ? Kind::wrong_credentials : Kind::stream_error,
            .stream = error.condition,
            .text = error.text.empty() ? std::string(name_of(error.condition)) : error.text},
           stream_close_tag);
  }

  void on_close() {
    if (phase != Phase::closing)
      return finish({.kind = Kind::closed, .stream = {}, .text = "the server closed the stream"},
                    stream_close_tag);
    phase = Phase::over;
    actions.close();
  }

  std::string domain, secret;
  ClientStream::Actions& actions;
  xml::Scanner scanner{xml::ScanLimits{
      .attributes_max = limits::xml_attributes_max + limits::xml_attributes_stamped_max}};
  Jid jid;
  Phase phase = Phase::idle;
  bool was_established = false;
};

ComponentStream::ComponentStream(std::string domain, std::string secret,
                                 ClientStream::Actions& actions)
    : state_(std::make_unique<State>(std::move(domain), std::move(secret), actions)) {}
ComponentStream::~ComponentStream() = default;
void ComponentStream::start() { state_->start(); }
size_t ComponentStream::on_bytes(std::string_view window) { return read(*state_, window); }
void ComponentStream::end() { state_->end(); }
bool ComponentStream::established() const { return state_->phase == Phase::established; }

// ---- The server ----

struct ComponentAcceptStream::State {
  State(size_t bytes, Actions& a) : stanza_bytes_max(bytes), actions(a) {}
  ~State() { crypto::wipe(secret); }

  void send_header(std::string& out) {
    if (id.empty()) id = crypto::random_id();
    out += stream_header_text(
        {.content_ns = xml::ns_component, .from = jid.str(), .id = id, .version = {}});
    header_sent = true;
  }

  // As ServerStream's: a header where none was sent, the error, the end tag.
  void fail(const StreamError& error) {
    if (phase == Phase::over) return;
    const bool silent = phase == Phase::closing;
    phase = Phase::over;
    if (!silent) {
      std::string out;
      if (!header_sent) send_header(out);
      out += stream_error_text(error);
      actions.send(out);
    }
    actions.close();
  }
  void fail(StreamCondition condition, std::string_view text = {}) {
    fail(stream_error(condition, text));
  }

  void end() {
    if (phase == Phase::over || phase == Phase::closing) return;
    std::string out;
    if (!header_sent) send_header(out);
    out += stream_close_tag;
    was_established = phase == Phase::established;
    phase = Phase::closing;
    actions.send(out);
  }

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

  void on_element(const StanzaView& view) {
    if (is_error(view)) return on_close();
    if (phase == Phase::closing) {
      if (was_established && view.kind != StanzaView::Kind::other)
        actions.deliver(view, scanner.header());
      return;
    }
    if (phase == Phase::established) return fail(StreamCondition::unsupported_stanza_type);
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

  void on_close() {
    if (phase != Phase::closing) {
      std::string out;
      if (!header_sent) send_header(out);
      out += stream_close_tag;
      actions.send(out);
    }
    phase = Phase::over;
    actions.close();
  }

  size_t stanza_bytes_max;
  Actions& actions;
  xml::Scanner scanner;
  Jid jid;
  std::string secret, id;
  Phase phase = Phase::header;
  bool header_sent = false;
  bool was_established = false;
};

ComponentAcceptStream::ComponentAcceptStream(size_t stanza_bytes_max, Actions& actions)
    : state_(std::make_unique<State>(stanza_bytes_max, actions)) {}
ComponentAcceptStream::~ComponentAcceptStream() = default;
size_t ComponentAcceptStream::on_bytes(std::string_view window) { return read(*state_, window); }
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
