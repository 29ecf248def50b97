// The client's stream machine until the stream is established: header, features, TLS, SASL, resource or former session.
#include <algorithm>

#include "bus/crypto/base64.hpp"
#include "bus/crypto/random.hpp"
#include "bus/xmpp/client_stream_state.hpp"
#include "bus/xmpp/stanza.hpp"
#include "bus/xmpp/stream_limits.hpp"

namespace xbus::xmpp {

namespace {

// Enough of another protocol's first line to know it by.
constexpr size_t said_bytes = 100;

// No XML, or a web page.
bool is_another_protocol(std::string_view window) {
  constexpr std::string_view white_space = " \t\r\n";
  const size_t at = window.find_first_not_of(white_space);
  if (at == std::string_view::npos || window[at] != '<') return at != std::string_view::npos;
  std::string start(window.substr(at, 14));
  for (char& c : start) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return start == "<!doctype html" || start.starts_with("<html");
}

}  // namespace

bool ClientStream::State::is_first_of_xmpp(std::string_view window) {
  heard = true;
  if (phase != Phase::header || !is_another_protocol(window)) return true;
  fail(Kind::not_xmpp, window.substr(0, std::min(window.find_first_of("\r\n"), said_bytes)),
       stream_error_text(stream_error(StreamCondition::not_well_formed)));
  return false;
}

void ClientStream::State::start() {
  if (!options.account.empty()) {
    const auto made = Jid::make(options.account, options.domain);
    if (!made) return fail(Kind::wrong_credentials, "the account's name is no localpart");
    own = *made;
  }
  send_header();
}

void ClientStream::State::send_header() {
  // Who we are is not said in clear (section 4.7.1).
  const bool say_who = (channel.tls || authenticated) && !own.empty();
  phase = Phase::header;
  actions.send(stream_header_text({.from = say_who ? std::string_view(own.str()) : "",
                                   .to = options.domain,
                                   .lang = options.lang}));
}

void ClientStream::State::restart() {
  scanner.reset();
  offered = Element();
  send_header();
}

void ClientStream::State::on_header() {
  // A header without a version may still introduce the error that explains it.
  const auto fault = header_fault(scanner.header(), xml::ns_client, VersionNeeded::no);
  if (fault) return refuse(*fault);
  phase = Phase::features;
}

// The server says that it is the domain which was asked for, where it says who it is (sections 4.7.1, 13.7.2). Looked
// at with the features: an error may come from another domain, which is the host's name for itself.
std::optional<StreamError> ClientStream::State::from_fault() const {
  const auto& header = scanner.header();
  if (!header.has_from) return std::nullopt;
  const auto from = Jid::parse(header.from);
  const auto asked = Jid::make({}, options.domain);
  if (from && asked && *from == *asked) return std::nullopt;
  return stream_error(StreamCondition::invalid_from, "not the domain that was asked for");
}

// `behind` bytes of the window follow the element.
void ClientStream::State::on_element(const StanzaView& view, size_t behind) {
  if (view.ns == xml::ns_stream && view.name == "error")
    return on_error(xml::build(view, scanner.header()));
  switch (phase) {
    case Phase::features:
      if (view.ns != xml::ns_stream || view.name != "features") return unexpected(view);
      return on_features(xml::build(view, scanner.header()));
    case Phase::starttls:
      return on_starttls(view, behind);
    case Phase::sasl:
      if (view.ns != (sasl2 ? ns_sasl2 : ns_sasl)) return unexpected(view);
      return on_sasl(xml::build(view, scanner.header()));
    case Phase::resume:
      if (view.ns != ns_sm) return unexpected(view);
      return on_resume_answer(xml::build(view, scanner.header()));
    case Phase::bind:
      if (view.kind != StanzaView::Kind::iq) return unexpected(view);
      return on_bind(xml::build(view, scanner.header()));
    case Phase::bound:
      return on_bound(view);
    case Phase::closing:
      return deliver_late(view);
    default:
      return unexpected(view);
  }
}

void ClientStream::State::on_error(const Element& element) {
  auto error = stream_error_from(element);
  if (phase == Phase::closing) return on_close();
  LoginError out{.kind = Kind::stream_error, .stream = error.condition, .text = error.text};
  if (error.condition == StreamCondition::see_other_host && !error.host.empty()) {
    out.kind = Kind::see_other_host;
    out.text = error.host;
  }
  fail(out);
}

void ClientStream::State::on_features(Element features) {
  if (const auto fault = header_fault(scanner.header(), xml::ns_client, VersionNeeded::yes))
    return refuse(*fault);
  if (const auto fault = from_fault()) return refuse(*fault);
  take_features(std::move(features));
  if (!authenticated) actions.reached(Actions::Reached::features);
  if (authenticated) return options.sm && options.sm->resumable() ? send_resume() : send_bind();
  if (options.tls == ClientStreamOptions::Tls::required && !channel.tls) {
    if (offered.first("starttls", ns_tls) == nullptr)
      return fail(Kind::tls_not_offered, "the server offers no TLS");
    phase = Phase::starttls;
    return send(Element("starttls", std::string(ns_tls)));
  }
  log_in();
}

void ClientStream::State::take_features(Element features) {
  offered = std::move(features);
  if (const auto bytes = stream_limits_from(offered).max_bytes; bytes && *bytes != 0)
    stanza_bytes_max = *bytes;
}

// ---- TLS ----

void ClientStream::State::on_starttls(const StanzaView& view, size_t behind) {
  if (view.ns != ns_tls) return unexpected(view);
  if (view.name != "proceed") return fail(Kind::tls_not_offered, "the server refuses TLS");
  phase = Phase::tls;
  // What stands behind it came in clear and would be taken for protected (CORE-16).
  if (behind != 0) return fail(Kind::protocol, "data in clear behind proceed");
  actions.start_tls();
}

void ClientStream::State::on_secured(const net::TlsFacts& facts) {
  if (phase == Phase::over) return;
  channel.tls = true;
  channel.version = facts.version;
  channel.exporter = facts.exporter;
  channel.server_end_point = facts.server_end_point;
  if (phase == Phase::tls) restart();
}

// ---- SASL ----

SaslOffer ClientStream::State::offer() const {
  SaslOffer out;
  if (const auto* list = offered.first("mechanisms", ns_sasl))
    for (const auto* item : list->elements("mechanism", ns_sasl))
      out.mechanisms.push_back(item->text());
  if (const auto* list = offered.first("sasl-channel-binding", ns_sasl_channel_binding)) {
    out.binding_types.emplace();
    for (const auto* item : list->elements("channel-binding", ns_sasl_channel_binding))
      out.binding_types->emplace_back(item->attr_or("type", ""));
  }
  return out;
}

// By SASL2 where it is offered, since that saves turns; unless the older list has something better.
void ClientStream::State::log_in() {
  const SaslAbilities abilities{.external = options.external && !external_failed,
                                .password = !options.password.empty() && !own.empty(),
                                .plain = options.plain_allowed};
  SaslOffer list = offer();
  auto choice = choose(list, abilities, channel);
  const auto feature = sasl2_feature_from(offered);
  sasl2 = false;
  if (feature) {
    const SaslOffer other{feature->mechanisms, list.binding_types};
    const auto second = choose(other, abilities, channel);
    if (second && (!choice || second->mechanism <= choice->mechanism)) {
      sasl2 = true;
      list = other;
      choice = second;
    }
  }
  if (!choice) {
    std::string text = "offered:";
    for (const auto& name : list.mechanisms) text += " " + name;
    return external_failed ? fail(Kind::wrong_credentials, "not-authorized")
                           : fail(Kind::no_common_mechanism, text);
  }
  // What protects the list (XEP-0474) is of the list that is used.
  sasl = std::make_unique<SaslClient>(
      SaslClient::Options{.choice = *choice,
                          .user = std::string(own.local()),
                          .password = options.password,
                          .authzid = own.empty() ? std::string() : own.str(),
                          .advertised = advertised_text(list.mechanisms, list.binding_types)});
  const auto first = sasl->start();
  if (!first) return fail(Kind::wrong_credentials, name_of(first.error()));
  phase = Phase::sasl;
  actions.reached(Actions::Reached::mechanism);
  if (sasl2) return authenticate(*feature, *first);
  Element auth("auth", std::string(ns_sasl));
  auth.set("mechanism", facts_of(choice->mechanism).name).add_text(sasl_text(*first));
  send(auth);
}

void ClientStream::State::authenticate(const Sasl2Feature& feature, std::string_view first) {
  wishes = {};
  if (feature.resume && options.sm && options.sm->resumable())
    wishes.resume = xmpp::sm_resume(
        "resume", {.id = options.sm->terms.id, .count = options.sm->counts.handled_count()});
  // Bind 2 leaves the resource to the server: who wants one asks for it as ever.
  if (feature.bind && options.resource.empty()) {
    wishes.bind.emplace();
    if (feature.manage && options.manage && options.sm)
      wishes.bind->enable = SmEnable{.resume = true};
  }
  send(to_element(Sasl2Request{.mechanism = std::string(facts_of(sasl->mechanism()).name),
                               .initial = crypto::base64_encode(first),
                               .software = "xbus",
                               .wishes = wishes}));
}

void ClientStream::State::on_sasl(const Element& element) {
  if (element.name() == "failure") return on_failure(sasl_failure_from(element));
  if (element.name() == "success") return sasl2 ? on_success2(element) : on_success(element);
  if (sasl2 && element.name() == "continue")
    return fail(Kind::no_common_mechanism, "the server wants more than a password");
  if (element.name() != "challenge")
    return refuse(stream_error(StreamCondition::unsupported_stanza_type));
  const auto data = sasl2 ? crypto::base64_decode(element.text()) : sasl_data(element.text());
  if (!data) return give_up(ScramError::malformed);
  auto answer = sasl->challenge(*data);
  if (!answer) return give_up(answer.error());
  if (!answer->work) return respond(answer->text);
  phase = Phase::hashing;
  actions.hash_password(std::move(*answer->work));
}

void ClientStream::State::on_success(const Element& element) {
  const std::string text = element.text();
  const auto data = sasl_data(text);
  if (!data) return give_up(ScramError::malformed);
  const auto verdict =
      sasl->success(text.empty() ? std::nullopt : std::optional<std::string_view>(*data));
  if (!verdict) return fail(Kind::downgrade, name_of(verdict.error()));
  sasl.reset();
  authenticated = true;
  actions.reached(Actions::Reached::login);
  restart();
}

void ClientStream::State::on_success2(const Element& element) {
  const auto success = sasl2_success_from(element);
  if (!success)
    return refuse(stream_error(StreamCondition::bad_format, "a success that does not say whose"));
  const auto verdict =
      sasl->success(success->data ? std::optional<std::string_view>(*success->data) : std::nullopt);
  if (!verdict) return fail(Kind::downgrade, name_of(verdict.error()));
  if (!own.empty() && success->jid.bare_str() != own.bare_str())
    return fail(Kind::protocol, "logged in as another account");
  sasl.reset();
  authenticated = true;
  actions.reached(Actions::Reached::login);
  if (wishes.resume) {
    const Element* answer = success->session ? &*success->session : nullptr;
    if (answer != nullptr && answer->name() == "resumed") return on_resume_answer(*answer);
    if (!start_anew(answer)) return;
  }
  phase = Phase::features;  // as after the restart of a stream
  if (!success->bound) wishes.bind.reset();
  if (!wishes.bind) return;
  if (!success->jid.is_full()) return fail(Kind::protocol, "the server bound no full JID");
  own = success->jid;
  managed = success->managed;
  phase = Phase::bound;
}

void ClientStream::State::respond(std::string_view text) {
  Element response("response", std::string(sasl2 ? ns_sasl2 : ns_sasl));
  send(response.add_text(sasl2 || text.empty() ? crypto::base64_encode(text) : sasl_text(text)));
}

void ClientStream::State::on_password_hashed(std::string_view salted) {
  if (phase != Phase::hashing) return;
  phase = Phase::sasl;
  respond(sasl->respond(salted));
}

void ClientStream::State::on_failure(const SaslFailure& failure) {
  if (sasl->mechanism() == Mechanism::external) {
    // The certificate or the uid is nobody's; the password may be somebody's.
    external_failed = true;
    if (!options.password.empty()) return log_in();
  }
  fail(Kind::wrong_credentials, name_of(failure.condition));
}

// The dialogue cannot go on.
void ClientStream::State::give_up(ScramError error) {
  Kind kind = Kind::protocol;
  if (error == ScramError::list_changed || error == ScramError::wrong_signature)
    kind = Kind::downgrade;
  else if (error == ScramError::bad_name || error == ScramError::refused)
    kind = Kind::wrong_credentials;
  std::string last = first_level_text(Element("abort", std::string(sasl2 ? ns_sasl2 : ns_sasl)));
  last += stream_close_tag;
  fail(kind, name_of(error), last);
}

// ---- Bind ----

void ClientStream::State::send_bind() {
  if (offered.first("bind", ns_bind) == nullptr)
    return fail(Kind::protocol, "the server offers no resource binding");
  bind_id = crypto::random_id();
  Element payload("bind", std::string(ns_bind));
  if (!options.resource.empty()) payload.add("resource").add_text(options.resource);
  phase = Phase::bind;
  send(iq(IqType::set, bind_id, Jid(), std::move(payload)));
}

void ClientStream::State::on_bind(const Element& answer) {
  const auto type = iq_type(answer);
  if (answer.attr_or("id", "") != bind_id || (type != IqType::result && type != IqType::error))
    return refuse(
        stream_error(StreamCondition::unsupported_stanza_type, "not the answer to the binding"));
  if (type == IqType::error)
    return fail(Kind::bind_refused, name_of(stanza_error_from(answer).condition));
  const auto* payload = answer.first("bind", ns_bind);
  const auto* text = payload == nullptr ? nullptr : payload->first("jid", ns_bind);
  const auto bound = text == nullptr ? Result<Jid, JidError>(Err{JidError::empty_domain})
                                     : Jid::parse(text->text());
  if (!bound || !bound->is_full()) return fail(Kind::protocol, "the server bound no full JID");
  own = *bound;
  establish();
}

void ClientStream::State::establish() {
  // What a server passes on is longer than what it was sent.
  scanner.set_stanza_bytes_max(limits::stanza_bytes_max + limits::stanza_bytes_stamped_max);
  phase = Phase::established;
  if (wishes.bind && wishes.bind->enable) {
    begin_managing();
    if (managed) on_sm(*managed);
    if (!options.sm->counting) options.sm->on = false;
  } else if (options.manage) {
    manage();
  }
  actions.established(own);
}

void ClientStream::State::on_bound(const StanzaView& view) {
  const bool features = view.ns == xml::ns_stream && view.name == "features";
  if (features) take_features(xml::build(view, scanner.header()));
  establish();
  if (!features && phase != Phase::over) on_stanza(view);
}

void ClientStream::State::send_resume() {
  if (!manages()) {
    if (start_anew(nullptr)) send_bind();
    return;
  }
  phase = Phase::resume;
  send(xmpp::sm_resume("resume", {.id = options.sm->terms.id,
                                  .count = options.sm->counts.handled_count()}));
}

bool ClientStream::State::start_anew(const Element* failed) {
  const auto count = failed == nullptr ? std::nullopt : sm_count(*failed);
  const bool known = count && acknowledge(*count);
  if (phase == Phase::over) return false;
  options.sm->on = false;
  actions.not_resumed(known ? Actions::Handled::known : Actions::Handled::unknown);
  return phase != Phase::over;
}

void ClientStream::State::on_resume_answer(const Element& element) {
  auto& sm = *options.sm;
  if (element.name() == "failed") {
    if (start_anew(&element)) send_bind();
    return;
  }
  const auto resumed = element.name() == "resumed" ? sm_resume_from(element) : std::nullopt;
  if (!resumed || resumed->id != sm.terms.id)
    return refuse(stream_error(StreamCondition::bad_format, "not the session asked for"));
  sm.counts.resumed();
  if (!acknowledge(resumed->count)) return;
  own = sm.jid;
  if (wishes.resume) stanza_bytes_max = sm.stanza_bytes_max;  // no features follow
  scanner.set_stanza_bytes_max(limits::stanza_bytes_max + limits::stanza_bytes_stamped_max);
  phase = Phase::established;
  std::string out;
  for (const auto& kept : sm.counts.unacked()) out += kept.bytes;
  if (!sm.counts.unacked().empty()) out += sm.counts.request();
  if (!out.empty()) actions.send(out);
  actions.resumed();
}

}  // namespace xbus::xmpp
