#include "rpc/registration.hpp"

#include <algorithm>

#include "bus/limits.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus {

namespace {

// Registering again is a few bytes, and a registry that has come back wants to know soon.
constexpr Duration longest_wait = 4 * limits::register_answer_time;

// Whether trying again may help: the registry is not there yet, as against one that says no.
bool may_pass(const Fault& fault) {
  return fault.kind() == Fault::Kind::unavailable || fault.kind() == Fault::Kind::no_such_domain ||
         fault.kind() == Fault::Kind::timeout;
}

}  // namespace

Registration::Registration(net::Loop& loop, xmpp::Jid address, Host host)
    : address_(std::move(address)), host_(std::move(host)), timer_(loop), wait_(limits::register_answer_time) {}

void Registration::online() {
  online_ = true;
  wait_ = limits::register_answer_time;
  send();
}

void Registration::offline() {
  online_ = false;
  listed_ = false;
  timer_.stop();
}

void Registration::set_state(registry::InstanceState state) {
  if (state_ == state) return;
  state_ = state;
  wait_ = limits::register_answer_time;
  send();
}

void Registration::say_again() {
  if (listed_) send();
}

void Registration::leave() {
  timer_.stop();
  if (online_ && !left_) host_.send(xmpp::presence(xmpp::PresenceType::unavailable, address_));
  left_ = true;
  listed_ = false;
}

void Registration::send() {
  if (!online_ || left_) return;
  xml::Element presence = host_.presence(state_);
  presence.set("to", address_.str());
  // First, so that an answer that comes at once stops it.
  wait_and_send_again();
  host_.send(presence);
}

void Registration::wait_and_send_again() {
  timer_.start(wait_, [this] {
    wait_ = std::min(wait_ * 2, longest_wait);
    send();
  });
}

bool Registration::on_presence(const xml::Element& presence) {
  const auto from = xmpp::address(presence, "from");
  if (!from || *from != address_ || left_) return false;
  const auto type = xmpp::presence_type(presence);
  if (type == xmpp::PresenceType::available) {
    timer_.stop();
    if (!std::exchange(listed_, true)) host_.changed({});
    return true;
  }
  if (type != xmpp::PresenceType::error) return false;
  const bool was_listed = std::exchange(listed_, false);
  Fault fault = fault_from(xmpp::stanza_error_from(presence));
  // The registry has taken it off, e.g. since a ping had no answer in time. It lives, so it says so at once.
  if (was_listed && may_pass(fault)) {
    wait_ = limits::register_answer_time;
    send();
  }
  // A refusal may be lifted by the operator while we run, so it is asked again, at the slowest pace.
  if (!may_pass(fault)) {
    wait_ = longest_wait;
    wait_and_send_again();
    host_.changed(fault);
  }
  return true;
}

}  // namespace xbus
