// The server's stream machine until the stream is established: header, features, TLS, SASL, resource or former session.
#include "bus/crypto/random.hpp"
#include "bus/xmpp/server_features.hpp"
#include "bus/xmpp/server_stream_state.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::xmpp {

// The peer's `from`, where there is one, is who it has proven to be (section 6.4.6).
bool ServerStream::State::from_fits(std::string_view account) const {
  const auto& theirs = scanner.header();
  if (!theirs.has_from) return true;
  const auto from = Jid::parse(theirs.from);
  return from && from->local() == account && serves(from->domain());
}

std::optional<StreamError> ServerStream::State::refusal() const {
  const auto& theirs = scanner.header();
  if (auto fault = header_fault(theirs, xml::ns_client, VersionNeeded::yes)) return fault;
  if (!theirs.has_to)
    return stream_error(StreamCondition::improper_addressing, "the header has no to");
  const auto to = Jid::parse(theirs.to);
  if (!to || !to->is_domain() || !serves(to->domain()))
    return stream_error(StreamCondition::host_unknown);
  if (!local.empty() && !from_fits(local)) return stream_error(StreamCondition::invalid_from);
  return std::nullopt;
}

void ServerStream::State::on_header() {
  if (const auto error = refusal()) return fail(*error);
  if (local.empty()) {
    login->sasl = std::make_unique<SaslServer>(
        SaslServer::Options{.domain = options.domain,
                            .mechanisms = options.mechanisms,
                            .channel = login->channel,
                            .encryption_first = tls_first(),
                            .failures = login->sasl_failures,
                            .stand_in_secret = options.stand_in_secret},
        *this);
  }
  phase = Phase::negotiating;
  std::string out;
  send_header(out);
  out += features();
  actions.send(out);
}

std::string ServerStream::State::features() const {
  FeatureContext context;
  if (options.stream_management && !sm) context.facts |= can_manage;
  if (local.empty()) {
    context.sasl = login->sasl.get();
    if (can_start_tls()) context.facts |= tls_possible;
    if (tls_first()) context.facts |= tls_missing;
    if (login->channel.can_bind()) context.facts |= can_bind_channel;
    // Without a mechanism there is nothing to offer (XEP-0388 section 2.1).
    if (sheltered() && !login->sasl->mechanisms().empty()) context.facts |= StreamFact::sheltered;
    context.stanza_bytes = limits::prelogin_stanza_bytes_max;
  } else {
    context.facts |= authenticated;
    if (phase == Phase::established) context.facts |= bound;
    context.stanza_bytes = options.stanza_bytes_max;
  }
  auto list = features_for(context);
  if (!local.empty()) list.insert(list.end(), options.features.begin(), options.features.end());
  return stream_features_text(list);
}

// ---- Before the stream is established ----

bool ServerStream::State::can_start_tls() const {
  return !login->channel.tls && local.empty() &&
         (options.tls == ServerStreamOptions::Tls::offered ||
          options.tls == ServerStreamOptions::Tls::required);
}
bool ServerStream::State::tls_first() const {
  return can_start_tls() && options.tls == ServerStreamOptions::Tls::required;
}

// `behind` bytes of the window follow the element.
void ServerStream::State::on_element(const StanzaView& view, size_t behind) {
  if (phase == Phase::closing) {
    if (sm && view.ns == ns_sm && view.name == "a")
      return on_acknowledged(xml::build(view, scanner.header()));
    return deliver_late(view);
  }
  if (view.kind != StanzaView::Kind::other) return on_early_stanza(view);
  const bool error = view.ns == xml::ns_stream && view.name == "error";
  // Nothing else may be said in the middle of such a login (XEP-0388 section 2.4).
  if (login->sasl2 && login->sasl && login->sasl->under_way() && view.ns != ns_sasl2 && !error)
    return fail(StreamCondition::policy_violation, "a login is under way");
  if (view.ns == ns_tls && view.name == "starttls") return on_starttls(behind);
  if (view.ns == ns_sm && options.stream_management)
    return on_early_sm(xml::build(view, scanner.header()));
  if (view.ns == ns_sasl && local.empty()) return on_sasl(xml::build(view, scanner.header()));
  if (view.ns == ns_sasl2 && local.empty() && sheltered())
    return on_sasl2(xml::build(view, scanner.header()));
  on_other(view);
}

void ServerStream::State::on_starttls(size_t behind) {
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

void ServerStream::State::on_secured(const net::TlsFacts& facts) {
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
void ServerStream::State::restart() {
  scanner.reset();
  if (login->sasl) login->sasl_failures = login->sasl->failures();
  login->sasl.reset();
  header_sent = false;
  phase = Phase::header;
}

void ServerStream::State::on_sasl(const Element& element) {
  login->sasl2 = false;
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

void ServerStream::State::on_sasl2(const Element& element) {
  if (element.name() == "authenticate") {
    if (login->sasl->under_way())
      return fail(StreamCondition::policy_violation, "a login is under way");
    auto request = sasl2_request_from(element);
    login->sasl2 = true;
    login->wishes = std::move(request.wishes);
    login->in_sasl = true;
    auto next = login->sasl->authenticate(request.mechanism, request.initial ? &*request.initial : nullptr);
    login->in_sasl = false;
    reply(std::move(next));
  } else if (element.name() == "response" || element.name() == "abort") {
    login->sasl2 = true;
    login->in_sasl = true;
    auto next = element.name() == "abort" ? login->sasl->abort() : login->sasl->response(element.text());
    login->in_sasl = false;
    reply(std::move(next));
  } else {
    fail(StreamCondition::unsupported_stanza_type);
  }
}

void ServerStream::State::reply(SaslServer::Reply next) {
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
      Element challenge("challenge", std::string(login->sasl2 ? ns_sasl2 : ns_sasl));
      if (!next.data.empty()) challenge.add_text(sasl_text(next.data));
      return send(challenge);
    }
    case Kind::success:
      return proven(std::move(next));
    case Kind::failure: {
      if (next.condition != SaslCondition::aborted)
        actions.login_failed(login->sasl->local(), login->sasl->mechanism());
      if (phase == Phase::over) return;
      const SaslFailure failure{.condition = next.condition, .text = {}};
      send(login->sasl2 ? sasl2_failure(failure) : to_element(failure));
      if (login->sasl->failures() >= limits::sasl_attempts_max)
        fail(StreamCondition::policy_violation, "too many failed logins");
      return;
    }
  }
}

void ServerStream::State::proven(SaslServer::Reply next) {
  if (!from_fits(login->sasl->local())) {
    if (!login->sasl2) return fail(StreamCondition::invalid_from);
    return reply(login->sasl->refuse(SaslCondition::invalid_authzid, "the header says somebody else"));
  }
  local = login->sasl->local();
  const std::string mechanism(login->sasl->mechanism());
  actions.authenticated(local, mechanism);
  if (phase == Phase::over) return;
  if (login->sasl2) return proven2(next);
  Element success("success", std::string(ns_sasl));
  if (next.has_data) success.add_text(sasl_text(next.data));
  send(success);
  restart();
}

void ServerStream::State::proven2(const SaslServer::Reply& next) {
  Sasl2Success success;
  if (next.has_data) success.data = next.data;
  const Sasl2Wishes wishes = std::move(login->wishes);
  login->sasl.reset();
  if (wishes.resume) {
    const auto wanted = sm_resume_from(*wishes.resume);
    success.session = take_up(wanted);
    if (!success.session) {
      if (!acknowledge(wanted->count)) return;
      success.jid = jid;
      success.session = xmpp::sm_resume("resumed", {.id = wanted->id, .count = sm->handled_count()});
      return say_resumed(first_level_text(to_element(success)));
    }
  }
  if (wishes.bind) {
    auto bound = take_tagged(wishes.bind->tag);
    if (phase == Phase::over) return;
    if (bound) {
      success.bound = true;
      jid = std::move(*bound);
      establish();
      if (wishes.bind->enable)
        success.managed = options.stream_management ? manage(*wishes.bind->enable)
                                                    : sm_failed(Condition::feature_not_implemented);
    } else if (++login->bind_failures; bind_failed_too_often()) {
      return fail(StreamCondition::policy_violation, "too many failed bindings");
    }
  }
  // Without a resource the client asks for one as ever (RFC 6120 section 7), and hears then why it gets none.
  success.jid = success.bound ? jid : *Jid::make(local, options.domain);
  actions.send(first_level_text(to_element(success)) + features());
}

void ServerStream::State::on_password(bool right) {
  if (login && login->in_sasl) {
    login->early_password = right;
    return;
  }
  if (phase != Phase::password) return;
  phase = Phase::negotiating;
  reply(login->sasl->password(right));
}

// A stanza before the stream is established: only the one that binds may come, and only after
// login (CORE-07).
void ServerStream::State::on_early_stanza(const StanzaView& view) {
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
    ++login->bind_failures;
    if (bind_failed_too_often()) fail(StreamCondition::policy_violation, "too many failed bindings");
    return;
  }
  jid = std::move(*bound);
  establish();
  Element payload("bind", std::string(ns_bind));
  payload.add("jid").add_text(jid.str());
  Element result("iq", std::string(xml::ns_client));
  result.set("type", "result").set("id", request.attr_or("id", "")).add(std::move(payload));
  send(result);
}

void ServerStream::State::establish() {
  scanner.set_stanza_bytes_max(options.stanza_bytes_max);
  phase = Phase::established;
  login.reset();
}

Result<Jid, StanzaError> ServerStream::State::take_resource(const Element& request) {
  const Element* wanted = request.first_element()->first("resource", ns_bind);
  const std::string resource = wanted == nullptr ? "" : wanted->text();
  const auto prepared = Jid::make(local, options.domain, resource);
  if (!prepared) return Err{StanzaError(Condition::bad_request, "no resource")};
  return actions.bind(prepared->resource());
}

// Before the stream is established only a former session may be resumed, and only after login (SM-01, SM-12).
void ServerStream::State::on_early_sm(const Element& element) {
  if (element.name() != "enable" && element.name() != "resume")
    return fail(StreamCondition::unsupported_stanza_type);
  if (element.name() == "enable" || local.empty())
    return refuse_early(sm_failed(Condition::unexpected_request));
  const auto wanted = sm_resume_from(element);
  if (const auto refused = take_up(wanted)) return refuse_early(*refused);
  if (!acknowledge(wanted->count)) return;
  say_resumed(first_level_text(
      xmpp::sm_resume("resumed", {.id = wanted->id, .count = sm->handled_count()})));
}

void ServerStream::State::refuse_early(const Element& failed) {
  send(failed);
  ++login->bind_failures;
  if (bind_failed_too_often()) fail(StreamCondition::policy_violation, "too many attempts");
}

std::optional<Element> ServerStream::State::take_up(const std::optional<SmResume>& wanted) {
  if (!wanted) return sm_failed(Condition::bad_request);
  if (!options.stream_management) return sm_failed(Condition::feature_not_implemented);
  auto former = actions.sm_resume(*wanted);
  if (!former) return former.error();
  sm = std::move(former->sm);
  jid = std::move(former->jid);
  establish();
  sm->resumed();
  return std::nullopt;
}

void ServerStream::State::say_resumed(std::string text) {
  for (const auto& kept : sm->unacked()) text += kept.bytes;
  if (!sm->unacked().empty()) text += sm->request();
  actions.send(text);
  actions.sm_resumed();
}

// The tag as it stands, where it can be part of a resource (XEP-0386 section 4.1).
Result<Jid, StanzaError> ServerStream::State::take_tagged(const std::string& tag) {
  if (tag.empty()) return actions.bind("");
  const auto prepared = Jid::make(local, options.domain, tag + "/" + crypto::random_id(9));
  return actions.bind(prepared ? prepared->resource() : std::string_view());
}

}  // namespace xbus::xmpp
