#include "bus/xmpp/server_stream.hpp"

#include <utility>

#include "bus/xml/element.hpp"
#include "bus/xmpp/sasl_server.hpp"
#include "bus/xmpp/server_features.hpp"
#include "bus/xmpp/stanza.hpp"
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
    out += stream_header_text(
        {.from = options.domain, .to = to, .id = id, .lang = options.default_lang});
    header_sent = true;
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

  // The peer's `from`, where there is one, is who it has proven to be (section 6.4.6).
  bool from_fits(std::string_view account) const {
    const auto& theirs = scanner.header();
    if (!theirs.has_from) return true;
    const auto from = Jid::parse(theirs.from);
    return from && from->local() == account && from->domain() == options.domain;
  }

  std::optional<StreamError> refusal() const {
    const auto& theirs = scanner.header();
    if (auto fault = header_fault(theirs, xml::ns_client, VersionNeeded::yes)) return fault;
    if (!theirs.has_to)
      return stream_error(StreamCondition::improper_addressing, "the header has no to");
    const auto to = Jid::parse(theirs.to);
    if (!to || !to->is_domain() || to->domain() != options.domain)
      return stream_error(StreamCondition::host_unknown);
    if (!local.empty() && !from_fits(local)) return stream_error(StreamCondition::invalid_from);
    return std::nullopt;
  }

  void on_header() {
    if (const auto error = refusal()) return fail(*error);
    FeatureContext context;
    if (local.empty()) {
      login->sasl = std::make_unique<SaslServer>(
          SaslServer::Options{.domain = options.domain,
                              .mechanisms = options.mechanisms,
                              .channel = login->channel,
                              .encryption_first = tls_first(),
                              .failures = login->sasl_failures,
                              .stand_in_secret = options.stand_in_secret},
          *this);
      context.sasl = login->sasl.get();
      if (can_start_tls()) context.facts |= tls_possible;
      if (tls_first()) context.facts |= tls_missing;
      if (login->channel.can_bind()) context.facts |= can_bind_channel;
      context.stanza_bytes = limits::prelogin_stanza_bytes_max;
    } else {
      context.facts |= authenticated;
      if (options.stream_management) context.facts |= can_manage;
      context.stanza_bytes = options.stanza_bytes_max;
    }
    phase = Phase::negotiating;
    auto features = features_for(context);
    if (!local.empty())
      features.insert(features.end(), options.features.begin(), options.features.end());
    std::string out;
    send_header(out);
    out += stream_features_text(features);
    actions.send(out);
  }

  // ---- Before the stream is established ----

  bool can_start_tls() const {
    return !login->channel.tls && local.empty() &&
           (options.tls == ServerStreamOptions::Tls::offered ||
            options.tls == ServerStreamOptions::Tls::required);
  }
  bool tls_first() const {
    return can_start_tls() && options.tls == ServerStreamOptions::Tls::required;
  }

  // `behind` bytes of the window follow the element.
  void on_element(const StanzaView& view, size_t behind) {
    if (phase == Phase::closing) {
      if (sm && view.ns == ns_sm && view.name == "a")
        return on_acknowledged(xml::build(view, scanner.header()));
      return deliver_late(view);
    }
    if (view.kind != StanzaView::Kind::other) return on_early_stanza(view);
    if (view.ns == ns_tls && view.name == "starttls") return on_starttls(behind);
    if (view.ns == ns_sm && options.stream_management)
      return on_early_sm(xml::build(view, scanner.header()));
    if (view.ns == ns_sasl && local.empty()) return on_sasl(xml::build(view, scanner.header()));
    on_other(view);
  }

  // An element that is no stanza and belongs to no feature (section 4.8.4).
  void on_other(const StanzaView& view) {
    if (view.ns == xml::ns_stream && view.name == "error") return on_close();
    fail(StreamCondition::unsupported_stanza_type);
  }

  void on_starttls(size_t behind) {
    if (!can_start_tls()) {
      // Section 5.4.2.2.
      phase = Phase::over;
      std::string out = first_level_text(Element("failure", std::string(ns_tls)));
      out += stream_close_tag;
      actions.send(out);
      return actions.close();
    }
    // What stands behind it was sent in clear and would be taken for protected (CORE-16).
    if (behind != 0) return fail(StreamCondition::policy_violation, "data behind starttls");
    phase = Phase::tls;
    send(Element("proceed", std::string(ns_tls)));
    actions.start_tls();
  }

  void on_secured(const net::TlsFacts& facts) {
    if (phase != Phase::tls && phase != Phase::header) return;
    login->channel.tls = true;
    login->channel.version = facts.version;
    login->channel.exporter = facts.exporter;
    login->channel.server_end_point = facts.server_end_point;
    login->channel.external = facts.peer_certificate;
    restart();
  }

  // A new stream on the same transport: header, ids and features of the old one are forgotten
  // (CORE-06).
  void restart() {
    scanner.reset();
    if (login->sasl) login->sasl_failures = login->sasl->failures();
    login->sasl.reset();
    header_sent = false;
    phase = Phase::header;
  }

  void on_sasl(const Element& element) {
    if (element.name() == "auth") {
      login->in_sasl = true;
      auto next = login->sasl->auth(element.attr_or("mechanism", ""), element.text());
      login->in_sasl = false;
      reply(std::move(next));
    } else if (element.name() == "response") {
      login->in_sasl = true;
      auto next = login->sasl->response(element.text());
      login->in_sasl = false;
      reply(std::move(next));
    } else if (element.name() == "abort") {
      reply(login->sasl->abort());
    } else {
      fail(StreamCondition::unsupported_stanza_type);
    }
  }

  void reply(SaslServer::Reply next) {
    using Kind = SaslServer::Reply::Kind;
    switch (next.kind) {
      case Kind::wait: {
        phase = Phase::password;
        // Some checks answer before they return.
        if (const auto right = std::exchange(login->early_password, std::nullopt))
          on_password(*right);
        return;
      }
      case Kind::challenge: {
        Element challenge("challenge", std::string(ns_sasl));
        if (!next.data.empty()) challenge.add_text(sasl_text(next.data));
        return send(challenge);
      }
      case Kind::success: {
        if (!from_fits(login->sasl->local())) return fail(StreamCondition::invalid_from);
        local = login->sasl->local();
        const std::string mechanism(login->sasl->mechanism());
        Element success("success", std::string(ns_sasl));
        if (next.has_data) success.add_text(sasl_text(next.data));
        actions.authenticated(local, mechanism);
        if (phase == Phase::over) return;
        send(success);
        return restart();
      }
      case Kind::failure: {
        if (next.condition != SaslCondition::aborted)
          actions.login_failed(login->sasl->local(), login->sasl->mechanism());
        if (phase == Phase::over) return;
        send(to_element(SaslFailure{.condition = next.condition, .text = {}}));
        if (login->sasl->failures() >= limits::sasl_attempts_max)
          fail(StreamCondition::policy_violation, "too many failed logins");
        return;
      }
    }
  }

  void on_password(bool right) {
    if (login && login->in_sasl) {
      login->early_password = right;
      return;
    }
    if (phase != Phase::password) return;
    phase = Phase::negotiating;
    reply(login->sasl->password(right));
  }

  std::optional<ScramKeys> scram_keys(std::string_view name, ScramHash hash) override {
    return actions.scram_keys(name, hash);
  }
  void check_password(std::string_view name, std::string_view password) override {
    actions.check_password(name, password);
  }
  std::optional<std::string> external_account(std::string_view authzid) override {
    return actions.external_account(authzid);
  }

  // A stanza before the stream is established: only the one that binds may come, and only after
  // login (CORE-07).
  void on_early_stanza(const StanzaView& view) {
    if (local.empty() || view.kind != StanzaView::Kind::iq || view.payload_name != "bind" ||
        view.payload_ns != ns_bind)
      return fail(StreamCondition::not_authorized);
    const Element request = xml::build(view, scanner.header());
    auto bound = check(view) == StanzaFault::none && iq_type(request) == IqType::set
                     ? take_resource(request)
                     : Result<Jid, StanzaError>(Err{StanzaError(Condition::bad_request)});
    if (phase == Phase::over) return;
    if (!bound) {
      if (auto error = error_for(request, bound.error())) send(*error);
      if (++login->bind_failures >= limits::bind_attempts_max)
        fail(StreamCondition::policy_violation, "too many failed bindings");
      return;
    }
    jid = std::move(*bound);
    scanner.set_stanza_bytes_max(options.stanza_bytes_max);
    phase = Phase::established;
    login.reset();
    Element payload("bind", std::string(ns_bind));
    payload.add("jid").add_text(jid.str());
    Element result("iq", std::string(xml::ns_client));
    result.set("type", "result").set("id", request.attr_or("id", "")).add(std::move(payload));
    send(result);
  }

  Result<Jid, StanzaError> take_resource(const Element& request) {
    const Element* wanted = request.first_element()->first("resource", ns_bind);
    const std::string resource = wanted == nullptr ? "" : wanted->text();
    const auto prepared = Jid::make(local, options.domain, resource);
    if (!prepared) return Err{StanzaError(Condition::bad_request, "no resource")};
    return actions.bind(prepared->resource());
  }

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

  // Old clients ask for the session that binding gave them already (RFC 3921 section 3).
  bool on_session(const StanzaView& view) {
    if (view.type.value != "set" || (view.to.present() && view.to.value != options.domain))
      return false;
    actions.reply(first_level_text(result_for(xml::build(view, scanner.header()))));
    return true;
  }

  // ---- Stream management ----

  // Before the stream is established only a former session may be resumed, and only after login (SM-01, SM-12).
  void on_early_sm(const Element& element) {
    if (element.name() != "enable" && element.name() != "resume")
      return fail(StreamCondition::unsupported_stanza_type);
    if (element.name() == "enable" || local.empty())
      return send(sm_failed(Condition::unexpected_request));
    const auto wanted = sm_resume_from(element);
    if (!wanted) return send(sm_failed(Condition::bad_request));
    auto former = actions.sm_resume(*wanted);
    if (!former) return send(former.error());
    sm = std::move(former->sm);
    jid = std::move(former->jid);
    scanner.set_stanza_bytes_max(options.stanza_bytes_max);
    phase = Phase::established;
    login.reset();
    sm->resumed();
    if (!acknowledge(wanted->count)) return;
    std::string out = first_level_text(
        xmpp::sm_resume("resumed", {.id = wanted->id, .count = sm->handled_count()}));
    for (const auto& kept : sm->unacked()) out += kept.bytes;
    if (!sm->unacked().empty()) out += sm->request();
    actions.send(out);
    actions.sm_resumed();
  }

  void on_sm(const Element& element) {
    if (element.name() == "enable") return on_enable(sm_enable_from(element));
    if (element.name() == "resume") return send(sm_failed(Condition::unexpected_request));
    if (!sm) return fail(StreamCondition::unsupported_stanza_type);
    if (element.name() == "r") return actions.send(sm->answer());
    if (element.name() == "a") return on_acknowledged(element);
    fail(StreamCondition::unsupported_stanza_type);
  }

  void on_enable(const SmEnable& wanted) {
    if (sm) return fail(StreamCondition::policy_violation, "stream management is on already");
    sm = std::make_unique<StreamManagement>();
    send(to_element(actions.sm_enabled(wanted)));
  }

  void on_acknowledged(const Element& element) {
    const auto count = sm_count(element);
    if (!count) return fail(StreamCondition::bad_format, "an acknowledgement without its count");
    acknowledge(*count);
  }

  bool acknowledge(uint32_t count) {
    if (sm->acknowledged(count, [this](const auto& kept) { actions.sm_acknowledged(kept); }))
      return true;
    fail(sm_count_too_high(count, sm->sent_count()));
    return false;
  }

  // What only the time before the stream is established needs.
  struct Login {
    SaslChannel channel;
    std::unique_ptr<SaslServer> sasl;
    size_t sasl_failures = 0;
    size_t bind_failures = 0;
    std::optional<bool> early_password;
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

ServerStream::ServerStream(const ServerStreamOptions& options, Actions& actions)
    : state_(std::make_unique<State>(options, actions)) {
  state_->login->channel.external = options.external_by_uid;
}

ServerStream::~ServerStream() = default;

size_t ServerStream::on_bytes(std::string_view window) { return state_->on_bytes(window); }
void ServerStream::on_secured(const net::TlsFacts& facts) { state_->on_secured(facts); }
void ServerStream::on_password(bool right) { state_->on_password(right); }

void ServerStream::on_login_timeout() {
  if (!established()) state_->fail(StreamCondition::connection_timeout, "login took too long");
}

void ServerStream::end(StreamCondition condition, std::string_view text) {
  state_->fail(condition, text);
}

void ServerStream::end() { state_->end(); }

bool ServerStream::established() const { return state_->phase == State::Phase::established; }
const Jid& ServerStream::jid() const { return state_->jid; }
StreamManagement* ServerStream::sm() const { return state_->sm.get(); }
std::unique_ptr<StreamManagement> ServerStream::take_sm() { return std::move(state_->sm); }
const xml::HeaderView& ServerStream::header() const { return state_->scanner.header(); }

}  // namespace xbus::xmpp
