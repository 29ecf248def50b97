#include "bus/xmpp/client_stream.hpp"

#include <algorithm>

#include "bus/xmpp/client_stream_state.hpp"

namespace xbus::xmpp {

// ---- Stream management ----

void ClientStream::State::manage() {
  if (phase != Phase::established || !options.sm || options.sm->on || !manages() || asked_to_manage) return;
  begin_managing();
  send(to_element(SmEnable{.resume = true}));
}

void ClientStream::State::begin_managing() {
  asked_to_manage = true;
  *options.sm = {};
  options.sm->on = true;
  options.sm->jid = own;
  options.sm->stanza_bytes_max = stanza_bytes_max;
}

void ClientStream::State::on_sm(const Element& element) {
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

bool ClientStream::State::acknowledge(uint32_t count) {
  auto& counts = options.sm->counts;
  if (counts.acknowledged(count, [this](const auto& kept) { actions.acknowledged(kept); })) return true;
  refuse(sm_count_too_high(count, counts.sent_count()));
  return false;
}

void ClientStream::State::end() {
  if (phase == Phase::established && options.sm && options.sm->counting)
    actions.send(options.sm->counts.answer());
  CallFrame::end();
}

// ---- What others see ----

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
std::vector<std::string> ClientStream::mechanisms() const {
  std::vector<std::string> names = state_->offer().mechanisms;
  if (const auto feature = sasl2_feature_from(state_->offered))
    for (const std::string& name : feature->mechanisms)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}
std::string_view ClientStream::mechanism() const {
  return state_->sasl ? facts_of(state_->sasl->mechanism()).name : std::string_view();
}

}  // namespace xbus::xmpp
