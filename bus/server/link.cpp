#include "bus/server/link.hpp"

#include <algorithm>
#include <utility>

#include "bus/server/core.hpp"
#include "bus/server/hub.hpp"

namespace xbus::server {
namespace {

// Read before it is looked at again whether the account may go on.
constexpr size_t bytes_at_once = 8 * 1024;

}  // namespace

Link::Link(Hub& hub, Core& core, Kind kind, std::unique_ptr<net::Transport> transport)
    : Endpoint(kind),
      hub_(hub),
      core_(core),
      transport_(std::move(transport)),
      outbox_(hub.prelogin_quota, limits::queue_bytes_per_connection_max, hub.pool),
      waiting_(std::make_unique<Waiting>(core.loop(), hub.guard.group_of(transport_->peer()))) {
  ++hub_.prelogin_links;
}

Link::~Link() = default;

void Link::start(bool direct_tls) {
  std::shared_ptr<net::TlsContext> context;
  Duration login_time;
  {
    Hub::Enter enter(hub_, &core_);
    if (direct_tls) context = hub_.tls;
    login_time = hub_.options.login_time_max;
  }
  waiting_->timer.start(login_time, [this] {
    Hub::Enter enter(hub_, &core_);
    if (!closed_ && !established()) login_timeout();
  });
  transport_->start(*this);
  if (direct_tls) transport_->start_tls(std::move(context), {});
}

void Link::logged_in() {
  if (!prelogin_) return;
  prelogin_ = false;
  --hub_.prelogin_links;
  hub_.guard.waits_no_more(waiting_->group);
  // The timer may be the one whose callback runs now: it goes when that is over.
  waiting_->timer.stop();
  waiting_.reset();
}

Taken Link::push(Parcel& parcel) {
  if (managed_) [[unlikely]]
    return push_kept(parcel);
  Taken taken = parcel.push_to(outbox_, content_ns(), hub_.options.stanza_bytes_max);
  if (taken == Taken::yes) mark_dirty();
  return taken;
}

// As one text, which is kept until it is acknowledged.
Taken Link::push_kept(Parcel& parcel) {
  std::string stanza;
  const Taken taken = parcel.write_to(stanza, content_ns(), hub_.options.stanza_bytes_max);
  if (taken != Taken::yes) return taken;
  // What is no sender's bytes may hold what a client wrote.
  if (parcel.size() == 0 &&
      !router::relayable(stanza, content_ns(), limits::queue_bytes_per_connection_max))
    return Taken::unfit;
  return push_managed(stanza) ? Taken::yes : Taken::full;
}

bool Link::push(std::string_view stanza) {
  if (managed_) [[unlikely]]
    return push_managed(stanza);
  if (!outbox_.push(stanza)) return false;
  mark_dirty();
  return true;
}

bool Link::push(std::string_view head, const std::shared_ptr<const std::string>& rest) {
  if (managed_) [[unlikely]]
    return push_managed(std::string(head) + *rest);
  if (!outbox_.push(head, rest)) return false;
  mark_dirty();
  return true;
}

bool Link::push_beyond(std::string_view stanza) {
  if (managed_) return push_managed_beyond(stanza);
  router::Owner* payer = owner();
  if (closing_ || closed_ || payer == nullptr) return false;
  if (!beyond_) beyond_.emplace(payer->answers(), limits::answers_beyond_bytes_max);
  if (!beyond_->add(stanza.size())) return false;
  outbox_.push_stream(stanza);
  beyond_left_ = outbox_.bytes();
  mark_dirty();
  return true;
}

void Link::written_beyond(size_t bytes) {
  beyond_left_ -= std::min(bytes, beyond_left_);
  if (beyond_left_ != 0) return;
  beyond_.reset();
  core_.loop().post([weak = weak_from_this()] {
    if (auto link = weak.lock()) link->read_again();
  });
}

void Link::read_again() {
  Hub::Enter enter(hub_, &core_);
  if (closed_ || beyond_left_ != 0) return;
  // What waits for the rate is read when that is over.
  const bool in_time = (paused_ & static_cast<uint8_t>(Pause::rate)) == 0;
  if (in_time && !held_.empty()) read(std::exchange(held_, {}));
  if (beyond_left_ == 0) resume(Pause::queue);
}

void Link::send_stream(std::string_view bytes) {
  if (closed_) return;
  outbox_.push_stream(bytes);
  mark_dirty();
}

void Link::mark_dirty() {
  if (dirty_ || closed_) return;
  dirty_ = true;
  core_.dirty(*this);
}

void Link::close_when_written() {
  if (closing_) return;
  closing_ = true;
  mark_dirty();
}

void Link::on_data(std::string_view bytes) {
  Hub::Enter enter(hub_, &core_);
  hub_.counters.bytes_in += bytes.size();
  read(bytes);
}

void Link::read(std::string_view bytes) {
  size_t fed = 0;
  while (held_.empty() && !bytes.empty() && beyond_left_ == 0 && overdrawn() == Duration::zero()) {
    const std::string_view some = bytes.substr(0, bytes_at_once);
    feed(some);
    fed += some.size();
    bytes.remove_prefix(some.size());
  }
  settle(fed);
  if (closed_) return;
  if (beyond_left_ != 0) pause(Pause::queue);
  if (!bytes.empty()) hold(bytes);
}

Duration Link::overdrawn() {
  router::Owner* payer = prelogin_ ? nullptr : owner();
  return payer == nullptr ? Duration::zero() : payer->fan_out().wait(core_.loop().now());
}

void Link::count_deliveries(uint64_t deliveries) {
  if (deliveries < 2) return;  // the stanza itself is counted
  if (router::Owner* payer = owner()) payer->fan_out().add(deliveries, core_.loop().now(), hub_.rate_limit);
}

void Link::hold(std::string_view bytes) {
  if (closing_ || closed_) return;
  held_.append(bytes);
  charge_unread();
  if (beyond_left_ != 0) return;
  ++hub_.counters.throttled;
  wait_for_rate(overdrawn());
}

void Link::wait_for_rate(Duration wait) {
  pause(Pause::rate);
  if (!rate_timer_) rate_timer_ = std::make_unique<net::Timer>(core_.loop());
  rate_timer_->start(wait, [this] { rate_over(); });
}

void Link::rate_over() {
  Hub::Enter enter(hub_, &core_);
  if (closed_) return;
  if (const std::string rest = std::exchange(held_, {}); !rest.empty()) read(rest);
  if (!rate_timer_->running()) resume(Pause::rate);
}

void Link::settle(size_t bytes_read) {
  if (closed_) return;
  charge_unread();
  size_t stanzas = std::exchange(stanzas_read_, 0);
  router::Owner* payer = owner();
  if (payer == nullptr) return;
  size_t connections = std::max<size_t>(1, payer->slots().size());  // a component has no slot
  Duration wait = payer->rate().spend(rate_share_, connections, stanzas, bytes_read,
                                      core_.loop().now(), hub_.rate_limit);
  if (wait == Duration::zero()) return;
  ++hub_.counters.throttled;
  wait_for_rate(wait);
}

// The piece of a stanza that has come so far: an account with many connections could leave one on
// each of them. Only what the account itself has sent ends its stream (RFC 6120 section 4.9.3.17).
void Link::charge_unread() {
  const size_t unread = unread_.size() + held_.size();
  router::Owner* payer = prelogin_ || unread == 0 ? nullptr : owner();
  if (payer == nullptr) return half_sent_.reset();
  if (!half_sent_)
    half_sent_.emplace(payer->half_sent(), limits::queue_bytes_per_connection_max);
  const size_t charged = half_sent_->bytes();
  if (unread <= charged) return half_sent_->release(charged - unread);
  if (!half_sent_->add(unread - charged) && !closing_)
    hub_.doom(*this, xmpp::StreamCondition::resource_constraint, "too many stanzas half sent");
}

void Link::charge_to(router::Quota& quota) {
  outbox_.charge_to(quota);
  half_sent_.reset();
  beyond_.reset();
}

void Link::let_go() {
  outbox_.let_go();
  half_sent_.reset();
  beyond_.reset();
}

void Link::forget_queue() {
  if (closed_) return;
  outbox_.drop();
  core_.loop().post([weak = weak_from_this()] {
    if (auto link = weak.lock()) link->give_up_stalled();
  });
}

void Link::give_up_stalled() {
  if (!stalled_ || closed_) return;
  flight_ = {};
  transport_->close();
}

void Link::pause(Pause why) {
  if (paused_ == 0) transport_->pause_reading();
  paused_ |= static_cast<uint8_t>(why);
}

void Link::resume(Pause why) {
  if (paused_ == 0) return;
  paused_ &= static_cast<uint8_t>(~static_cast<uint8_t>(why));
  if (paused_ == 0) transport_->resume_reading();
}

void Link::feed(std::string_view bytes) {
  if (closing_ || closed_) return;
  if (unread_.empty()) {
    size_t used = consume(bytes);
    if (used < bytes.size() && !closing_) unread_.assign(bytes.substr(used));
    return;
  }
  unread_.append(bytes);
  consume_rest();
}

void Link::consume_rest() {
  size_t used = consume(unread_);
  if (used >= unread_.size() || closing_) {
    std::string().swap(unread_);  // an idle connection holds no buffer
  } else {
    unread_.erase(0, used);
  }
}

void Link::on_writable() { core_.write_out(*this); }

void Link::on_secured(const net::TlsFacts& facts) {
  Hub::Enter enter(hub_, &core_);
  std::string().swap(
      unread_);  // nothing sent in clear counts as protected (RFC 6120 section 5.4.3.3)
  secured(facts);
}

void Link::on_closed(net::CloseReason reason, std::string_view detail) {
  {
    Hub::Enter enter(hub_, &core_);
    if (closed_) return;
    hub_.log("debug", "closed",
             {{"peer", transport_->peer().text},
              {"reason", reason == net::CloseReason::by_us ? "by us" : std::string(detail)}});
    closing_ = true;
    gone();
    flight_ = {};
    closed_ = true;
    logged_in();
    let_go();  // the object itself goes later, without the lock
  }
  core_.remove(*this);
}

Link::Unsent Link::unsent() {
  Unsent rest;
  rest.written = flight_.offset();
  outbox_.take(flight_);
  rest.pieces = flight_.give_up();
  return rest;
}

}  // namespace xbus::server
