#include "bus/xmpp/client_stream.hpp"

#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/limits.hpp"
#include "bus/xmpp/sasl_client.hpp"
#include "bus/xmpp/stanza.hpp"
#include "bus/xmpp/stream_frame.hpp"
#include "bus/xmpp/stream_limits.hpp"
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

  void start() {
    if (!options.account.empty()) {
      const auto made = Jid::make(options.account, options.domain);
      if (!made) return fail(Kind::wrong_credentials, "the account's name is no localpart");
      own = *made;
    }
    send_header();
  }

  void send_header() {
    // Who we are is not said in clear (section 4.7.1).
    const bool say_who = (channel.tls || authenticated) && !own.empty();
    phase = Phase::header;
    actions.send(stream_header_text({.from = say_who ? std::string_view(own.str()) : "",
                                     .to = options.domain,
                                     .lang = options.lang}));
  }

  void restart() {
    scanner.reset();
    offered = Element();
    send_header();
  }

  void send(const Element& element) { actions.send(first_level_text(element)); }

  void send_sasl(std::string_view name, std::string_view text) {
    send(Element(std::string(name), std::string(ns_sasl)).add_text(text));
  }

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
    return read(window);
  }

  void on_header() {
    // A header without a version may still introduce the error that explains it.
    const auto fault = header_fault(scanner.header(), xml::ns_client, VersionNeeded::no);
    if (fault) return refuse(*fault);
    phase = Phase::features;
  }

  // The server says that it is the domain which was asked for, where it says who it is (sections 4.7.1, 13.7.2). Looked
  // at with the features: an error may come from another domain, which is the host's name for itself.
  std::optional<StreamError> from_fault() const {
    const auto& header = scanner.header();
    if (!header.has_from) return std::nullopt;
    const auto from = Jid::parse(header.from);
    const auto asked = Jid::make({}, options.domain);
    if (from && asked && *from == *asked) return std::nullopt;
    return stream_error(StreamCondition::invalid_from, "not the domain that was asked for");
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

  // `behind` bytes of the window follow the element.
  void on_element(const StanzaView& view, size_t behind) {
    if (view.ns == xml::ns_stream && view.name == "error")
      return on_error(xml::build(view, scanner.header()));
    switch (phase) {
      case Phase::features:
        if (view.ns != xml::ns_stream || view.name != "features") return unexpected(view);
        return on_features(xml::build(view, scanner.header()));
      case Phase::starttls:
        return on_starttls(view, behind);
      case Phase::sasl:
        if (view.ns != ns_sasl) return unexpected(view);
        return on_sasl(xml::build(view, scanner.header()));
      case Phase::resume:
        if (view.ns != ns_sm) return unexpected(view);
        return on_resume_answer(xml::build(view, scanner.header()));
      case Phase::bind:
        if (view.kind != StanzaView::Kind::iq) return unexpected(view);
        return on_bind(xml::build(view, scanner.header()));
      case Phase::closing:
        return deliver_late(view);
      default:
        return unexpected(view);
    }
  }

  void on_error(const Element& element) {
    auto error = stream_error_from(element);
    if (phase == Phase::closing) return on_close();
    LoginError out{.kind = Kind::stream_error, .stream = error.condition, .text = error.text};
    if (error.condition == StreamCondition::see_other_host && !error.host.empty()) {
      out.kind = Kind::see_other_host;
      out.text = error.host;
    }
    fail(out);
  }

  void on_features(Element features) {
    if (const auto fault = header_fault(scanner.header(), xml::ns_client, VersionNeeded::yes))
      return refuse(*fault);
    if (const auto fault = from_fault()) return refuse(*fault);
    offered = std::move(features);
    if (const auto bytes = stream_limits_from(offered).max_bytes; bytes && *bytes != 0)
      stanza_bytes_max = *bytes;
    if (authenticated) return options.sm && options.sm->resumable() ? send_resume() : send_bind();
    if (options.tls == ClientStreamOptions::Tls::required && !channel.tls) {
      if (offered.first("starttls", ns_tls) == nullptr)
        return fail(Kind::tls_not_offered, "the server offers no TLS");
      phase = Phase::starttls;
      return send(Element("starttls", std::string(ns_tls)));
    }
    log_in();
  }

  // ---- TLS ----

  void on_starttls(const StanzaView& view, size_t behind) {
    if (view.ns != ns_tls) return unexpected(view);
    if (view.name != "proceed") return fail(Kind::tls_not_offered, "the server refuses TLS");
    phase = Phase::tls;
    // What stands behind it came in clear and would be taken for protected (CORE-16).
    if (behind != 0) return fail(Kind::protocol, "data in clear behind proceed");
    actions.start_tls();
  }

  void on_secured(const net::TlsFacts& facts) {
    if (phase == Phase::over) return;
    channel.tls = true;
    channel.version = facts.version;
    channel.exporter = facts.exporter;
    channel.server_end_point = facts.server_end_point;
    if (phase == Phase::tls) restart();
  }

  // ---- SASL ----

  SaslOffer offer() const {
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

  void log_in() {
    const SaslOffer list = offer();
    const auto choice = choose(list,
                               {.external = options.external && !external_failed,
                                .password = !options.password.empty() && !own.empty(),
                                .plain = options.plain_allowed},
                               channel);
    if (!choice) {
      std::string text = "offered:";
      for (const auto& name : list.mechanisms) text += " " + name;
      return external_failed ? fail(Kind::wrong_credentials, "not-authorized")
                             : fail(Kind::no_common_mechanism, text);
    }
    sasl = std::make_unique<SaslClient>(
        SaslClient::Options{.choice = *choice,
                            .user = std::string(own.local()),
                            .password = options.password,
                            .authzid = own.empty() ? std::string() : own.str(),
                            .advertised = advertised_text(list.mechanisms, list.binding_types)});
    const auto first = sasl->start();
    if (!first) return fail(Kind::wrong_credentials, name_of(first.error()));
    phase = Phase::sasl;
    Element auth("auth", std::string(ns_sasl));
    auth.set("mechanism", facts_of(choice->mechanism).name).add_text(sasl_text(*first));
    send(auth);
  }

  void on_sasl(const Element& element) {
    const std::string text = element.text();
    if (element.name() == "failure") return on_failure(sasl_failure_from(element));
    const auto data = sasl_data(text);
    if (!data) return give_up(ScramError::malformed);
    if (element.name() == "challenge") {
      auto answer = sasl->challenge(*data);
      if (!answer) return give_up(answer.error());
      if (!answer->work) return respond(answer->text);
      phase = Phase::hashing;
      return actions.hash_password(std::move(*answer->work));
    }
    if (element.name() != "success")
      return refuse(stream_error(StreamCondition::unsupported_stanza_type));
    const auto verdict =
        sasl->success(text.empty() ? std::nullopt : std::optional<std::string_view>(*data));
    if (!verdict) return fail(Kind::downgrade, name_of(verdict.error()));
    sasl.reset();
    authenticated = true;
    restart();
  }

  void respond(std::string_view text) {
    send_sasl("response", text.empty() ? "" : sasl_text(text));
  }

  void on_password_hashed(std::string_view salted) {
    if (phase != Phase::hashing) return;
    phase = Phase::sasl;
    respond(sasl->respond(salted));
  }

  void on_failure(const SaslFailure& failure) {
    if (sasl->mechanism() == Mechanism::external) {
      // The certificate or the uid is nobody's; the password may be somebody's.
      external_failed = true;
      if (!options.password.empty()) return log_in();
    }
    fail(Kind::wrong_credentials, name_of(failure.condition));
  }

  // The dialogue cannot go on.
  void give_up(ScramError error) {
    Kind kind = Kind::protocol;
    if (error == ScramError::list_changed || error == ScramError::wrong_signature)
      kind = Kind::downgrade;
    else if (error == ScramError::bad_name || error == ScramError::refused)
      kind = Kind::wrong_credentials;
    std::string last = first_level_text(Element("abort", std::string(ns_sasl)));
    last += stream_close_tag;
    fail(kind, name_of(error), last);
  }

  // ---- Bind ----

  void send_bind() {
    if (offered.first("bind", ns_bind) == nullptr)
      return fail(Kind::protocol, "the server offers no resource binding");
    bind_id = crypto::random_id();
    Element payload("bind", std::string(ns_bind));
    if (!options.resource.empty()) payload.add("resource").add_text(options.resource);
    phase = Phase::bind;
    send(iq(IqType::set, bind_id, Jid(), std::move(payload)));
  }

  void on_bind(const Element& answer) {
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
    // What a server passes on is longer than what it was sent.
    scanner.set_stanza_bytes_max(limits::stanza_bytes_max + limits::stanza_bytes_stamped_max);
    phase = Phase::established;
    if (options.manage) manage();
    actions.established(own);
  }

  // ---- Stream management ----

  bool manages() const { return offered.first("sm", ns_sm) != nullptr; }

  void manage() {
    if (phase != Phase::established || !options.sm || options.sm->on || !manages() || asked_to_manage) return;
    asked_to_manage = true;
    *options.sm = {};
    options.sm->on = true;
    options.sm->jid = own;
    send(to_element(SmEnable{.resume = true}));
  }

  void send_resume() {
    if (!manages()) return start_anew(Actions::Handled::unknown);
    phase = Phase::resume;
    send(xmpp::sm_resume("resume", {.id = options.sm->terms.id,
                                    .count = options.sm->counts.handled_count()}));
  }

  void start_anew(Actions::Handled handled) {
    options.sm->on = false;
    actions.not_resumed(handled);
    if (phase != Phase::over) send_bind();
  }

  void on_resume_answer(const Element& element) {
    auto& sm = *options.sm;
    if (element.name() == "failed") {
      const auto count = sm_count(element);
      const bool known = count && acknowledge(*count);
      if (phase == Phase::over) return;
      return start_anew(known ? Actions::Handled::known : Actions::Handled::unknown);
    }
    const auto resumed = element.name() == "resumed" ? sm_resume_from(element) : std::nullopt;
    if (!resumed || resumed->id != sm.terms.id)
      return refuse(stream_error(StreamCondition::bad_format, "not the session asked for"));
    sm.counts.resumed();
    if (!acknowledge(resumed->count)) return;
    own = sm.jid;
    scanner.set_stanza_bytes_max(limits::stanza_bytes_max + limits::stanza_bytes_stamped_max);
    phase = Phase::established;
    std::string out;
    for (const auto& kept : sm.counts.unacked()) out += kept.bytes;
    if (!sm.counts.unacked().empty()) out += sm.counts.request();
    if (!out.empty()) actions.send(out);
    actions.resumed();
  }

  void on_handled() {
    auto& counts = options.sm->counts;
    counts.handled();
    if (phase == Phase::established && counts.tell_due()) actions.send(counts.answer());
  }

  void on_sm(const Element& element) {
    auto& sm = *options.sm;
    if (!sm.on) return;
    if (element.name() == "enabled") {
      if (sm.counting) return;
      sm.counting = true;
      sm.terms = sm_enabled_from(element);
    } else if (element.name() == "failed") {
      sm.on = sm.counting = false;
    } else if (element.name() == "r") {
      actions.send(sm.counts.answer());
    } else if (element.name() == "a") {
      const auto count = sm_count(element);
      if (!count)
        return refuse(stream_error(StreamCondition::bad_format, "an acknowledgement without its count"));
      acknowledge(*count);
    }
  }

  bool acknowledge(uint32_t count) {
    auto& counts = options.sm->counts;
    if (counts.acknowledged(count, [this](const auto& kept) { actions.acknowledged(kept); })) return true;
    refuse(sm_count_too_high(count, counts.sent_count()));
    return false;
  }

  // Goodbye ends the session, and says before that what was handled of it (SM-08, SM-17).
  void end() {
    if (phase == Phase::established && options.sm && options.sm->counting)
      actions.send(options.sm->counts.answer());
    CallFrame::end();
  }

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
  bool authenticated = false;
  bool external_failed = false;
  bool asked_to_manage = false;
};

ClientStream::ClientStream(ClientStreamOptions options, Actions& actions)
    : state_(std::make_unique<State>(std::move(options), actions)) {}

ClientStream::~ClientStream() = default;

void ClientStream::start() { state_->start(); }
size_t ClientStream::on_bytes(std::string_view window) { return state_->on_bytes(window); }
void ClientStream::on_secured(const net::TlsFacts& facts) { state_->on_secured(facts); }
void ClientStream::on_password_hashed(std::string_view salted_password) {
  state_->on_password_hashed(salted_password);
}
void ClientStream::manage() { state_->manage(); }
void ClientStream::end() { state_->end(); }

bool ClientStream::established() const { return state_->phase == State::Phase::established; }
const Jid& ClientStream::jid() const { return state_->own; }
size_t ClientStream::stanza_bytes_max() const { return state_->stanza_bytes_max; }
const xml::Element& ClientStream::features() const { return state_->offered; }

}  // namespace xbus::xmpp
