#include "bus/xmpp/server_stream.hpp"

#include "bus/xmpp/server_stream_state.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::xmpp {

void ServerStream::State::on_other(const StanzaView& view) {
  if (view.ns == xml::ns_stream && view.name == "error") return on_close();
  fail(StreamCondition::unsupported_stanza_type);
}

bool ServerStream::State::on_session(const StanzaView& view) {
  if (view.type.value != "set" || (view.to.present() && view.to.value != options.domain))
    return false;
  actions.reply(first_level_text(result_for(xml::build(view, scanner.header()))));
  return true;
}

// ---- Stream management ----

void ServerStream::State::on_sm(const Element& element) {
  if (element.name() == "enable") return on_enable(sm_enable_from(element));
  if (element.name() == "resume") return send(sm_failed(Condition::unexpected_request));
  if (!sm) return fail(StreamCondition::unsupported_stanza_type);
  if (element.name() == "r") return actions.send(sm->answer());
  if (element.name() == "a") return on_acknowledged(element);
  fail(StreamCondition::unsupported_stanza_type);
}

void ServerStream::State::on_enable(const SmEnable& wanted) {
  if (sm) return fail(StreamCondition::policy_violation, "stream management is on already");
  send(manage(wanted));
}

Element ServerStream::State::manage(const SmEnable& wanted) {
  sm = std::make_unique<StreamManagement>(options.management);
  return to_element(actions.sm_enabled(wanted));
}

void ServerStream::State::on_acknowledged(const Element& element) {
  const auto count = sm_count(element);
  if (!count) return fail(StreamCondition::bad_format, "an acknowledgement without its count");
  acknowledge(*count);
}

bool ServerStream::State::acknowledge(uint32_t count) {
  if (sm->acknowledged(count, [this](const auto& kept) { actions.sm_acknowledged(kept); }))
    return true;
  fail(sm_count_too_high(count, sm->sent_count()));
  return false;
}

// ---- What others see ----

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
