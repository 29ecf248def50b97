// A bus as the place from which calls go out.
#include <algorithm>

#include "bus/xmpp/stanza.hpp"
#include "rpc/bus_impl.hpp"

namespace xbus {

using jabber_rpc::Dialect;

namespace {

// What may go better at another try, by another instance or later.
bool may_repeat(const Fault& fault) {
  switch (fault.kind()) {
    case Fault::Kind::unavailable:
    case Fault::Kind::busy:
    case Fault::Kind::lost: return true;
    default: return false;
  }
}

Metadata metadata_of(const CallOptions& options, Duration left) {
  Metadata metadata;
  metadata.deadline = left;
  metadata.traceparent = options.traceparent;
  metadata.tracestate = options.tracestate;
  metadata.key = options.key;
  metadata.on_behalf_of = options.on_behalf_of;
  return metadata;
}

Fault closed() { return Fault(Fault::Kind::unavailable, "the bus is closed"); }

}  // namespace

CancelStop::CancelStop(const std::optional<Cancel>& cancel, std::function<void()> stop)
    : state_(cancel ? cancel->state_ : nullptr) {
  if (state_) state_->stops.emplace(place_ = ++state_->last, std::move(stop));
}

CancelStop::~CancelStop() {
  if (state_) state_->stops.erase(place_);
}

Task<Value> Bus::Impl::call(Remote remote, std::string method, Value::Array args) {
  const std::optional<Cancel> cancel = remote.options().cancel;
  const Completion<Outcome> done;
  // Where it can be cancelled it goes on by itself, so that whoever waits is told at once, whatever it waits for.
  const CancelStop stop(cancel, [done] { done.complete(Err{Fault(Fault::Kind::cancelled)}); });
  auto calling = repeat(std::move(remote), std::move(method), std::move(args));
  Outcome outcome = Err{Fault(Fault::Kind::cancelled)};
  if (cancel) {
    spawn([](Task<Outcome> inner, Completion<Outcome> out) -> Task<void> {
      Outcome ended = co_await std::move(inner);
      out.complete(std::move(ended));
    }(std::move(calling), done));
    outcome = co_await done;
  } else {
    outcome = co_await std::move(calling);
  }
  if (!outcome) throw outcome.error();
  co_return std::move(*outcome);
}

Task<Outcome> Bus::Impl::repeat(Remote remote, std::string method, Value::Array args) {
  const CallOptions& how = remote.options();
  const Time until = loop.now() + std::clamp<Duration>(how.timeout, Duration::zero(), limits::call_time_max);
  Duration wait = how.retry.wait;
  for (unsigned tried = 1;; ++tried) {
    Attempt attempt_made;
    auto attempting = attempt(remote, method, args, until, attempt_made);
    Outcome outcome = co_await std::move(attempting);
    if (outcome) co_return outcome;
    const bool repeatable = how.idempotent || (!how.key.empty() && attempt_made.sent_key);
    const bool again = repeatable && tried < how.retry.attempts && may_repeat(outcome.error()) && !closing &&
                       loop.now() + wait < until;
    if (!again) co_return outcome;
    co_await sleep(wait);
    if (closing) co_return Err{closed()};
    wait *= 2;
  }
}

Task<Outcome> Bus::Impl::attempt(const Remote& remote, const std::string& method, const Value::Array& args, Time until,
                                 Attempt& made) {
  const CallOptions& how = remote.options();
  if (how.cancel && how.cancel->cancelled()) co_return Err{Fault(Fault::Kind::cancelled)};
  auto finding = find(remote, method, until);
  const auto target = co_await std::move(finding);
  if (!target) {
    made.sent_key = true;  // nothing was sent at all
    co_return Err{target.error()};
  }
  if (closing) co_return Err{closed()};
  if (how.cancel && how.cancel->cancelled()) co_return Err{Fault(Fault::Kind::cancelled)};
  const Duration left = until - loop.now();
  if (left <= Duration::zero()) co_return Err{Fault(Fault::Kind::timeout)};
  made.sent_key = target->dialect == Dialect::extended;

  jabber_rpc::Request request{method, args, metadata_of(how, left), target->dialect};
  if (how.cancel) request.metadata.id = "c" + std::to_string(++calls);
  const auto query = jabber_rpc::write_call(request);
  if (!query) co_return Err{query.error()};
  std::optional<Balance::Slot> slot(std::in_place, balance, target->jid);
  auto exchanging = exchange(*target, *query, how, request.metadata.id, until);
  Outcome outcome = co_await std::move(exchanging);
  slot.reset();
  // However it has ended: no answer of it is wanted any more.
  if (!closing && balance.outstanding(target->jid) == 0) in_pieces->inbox.forget(target->jid, pieces::Kind::answer);
  co_return outcome;
}

Task<Result<Bus::Impl::Target, Fault>> Bus::Impl::find(const Remote& remote, const std::string& method, Time until) {
  Target target;
  if (remote.to_ == Remote::To::entity) {
    const auto jid = xmpp::Jid::parse(remote.name());
    if (!jid) co_return Err{Fault(Fault::Kind::invalid, "\"" + remote.name() + "\" is no JID")};
    target.jid = *jid;
  } else {
    if (!directory) co_return Err{Fault(Fault::Kind::unavailable, "not connected to the bus")};
    auto asking = directory->instances(remote.name(), until);
    const auto instances = co_await std::move(asking);
    if (!instances) co_return Err{instances.error()};
    if (closing) co_return Err{closed()};
    const auto picked = balance.pick(**instances, method, remote.options().instance);
    if (!picked) co_return Err{picked.error()};
    const registry::InstanceInfo& instance = **picked;
    target.jid = instance.jid;
    // Only a service of ours has the interface form, and with it the feature.
    if (!instance.hash.empty()) {
      target.dialect = Dialect::extended;
      co_return target;
    }
  }
  auto asking = peers->traits(target.jid, until);
  target.dialect = (co_await std::move(asking)).dialect;
  co_return target;
}

Task<Outcome> Bus::Impl::exchange(const Target& target, const xml::Element& query, const CallOptions& how,
                                  const std::string& call_id, Time until) {
  auto asking = ask(target, query, how, call_id, until);
  std::optional<client::Answer> answer = co_await std::move(asking);
  const bool too_large = answer && answer->kind == client::Answer::Kind::not_sent &&
                         answer->error.condition == xmpp::Condition::policy_violation;
  if (too_large && target.dialect == Dialect::extended) {
    auto delivering = deliver(target, query, how, until);
    const auto whole = co_await std::move(delivering);
    if (!whole) co_return Err{whole.error()};
    if (closing) co_return Err{closed()};
    auto asking_again = ask(target, *whole, how, call_id, until);
    answer = co_await std::move(asking_again);
  }
  if (!answer) co_return Err{Fault(Fault::Kind::cancelled)};
  if (!closing && answer->stanza.first("whole", pieces::ns) && make_whole(answer->stanza, target.jid, pieces::Kind::answer))
    co_return Err{Fault(Fault::Kind::failed, "the answer is not whole")};
  co_return outcome_of(*answer, target);
}

Task<std::optional<client::Answer>> Bus::Impl::ask(const Target& target, const xml::Element& payload,
                                                   const CallOptions& how, const std::string& call_id, Time until) {
  const Completion<std::optional<client::Answer>> done;
  const uint64_t token = client->request(target.jid, "set", payload, until - loop.now(),
                                         [done](client::Answer answer) { done.complete(std::move(answer)); });
  const CancelStop stop(how.cancel, [this, done, token, jid = target.jid, call_id,
                                     extended = target.dialect == Dialect::extended] {
    client->forget(token);
    if (extended) {
      xml::Element message = xmpp::message(xmpp::MessageType::headline, jid);
      message.add(xml::Element("cancel", std::string(ns_call))).set("id", call_id);
      send(std::move(message));
    }
    done.complete(std::nullopt);
  });
  co_return co_await done;
}

Outcome Bus::Impl::outcome_of(const client::Answer& answer, const Target& target) {
  using Kind = client::Answer::Kind;
  switch (answer.kind) {
    case Kind::timed_out: return Err{Fault(Fault::Kind::timeout, "no answer in time")};
    case Kind::lost: return Err{Fault(Fault::Kind::lost, "the connection ended under the call")};
    case Kind::not_sent: {
      Fault fault = fault_from(answer.error);
      return Err{fault};
    }
    case Kind::error:
    case Kind::result: break;
  }
  Outcome outcome = jabber_rpc::read_answer(answer.stanza);
  // Its server says that it has gone, or it says so itself: until the registry tells, no more calls go there.
  if (answer.kind == Kind::error && !outcome && outcome.error().kind() == Fault::Kind::unavailable && directory)
    directory->forget(target.jid);
  return outcome;
}

Task<void> Bus::Impl::notify(Remote remote, std::string method, Value::Array args) {
  const CallOptions& how = remote.options();
  const Time until = loop.now() + std::clamp<Duration>(how.timeout, Duration::zero(), limits::call_time_max);
  auto finding = find(remote, method, until);
  const auto target = co_await std::move(finding);
  if (!target) throw target.error();
  if (closing) throw closed();
  if (target->dialect == Dialect::strict)
    throw Fault(Fault::Kind::unavailable, "the instance does not take one-way calls");
  const auto query = jabber_rpc::write_call({method, args, metadata_of(how, until - loop.now()), target->dialect});
  if (!query) throw query.error();
  const auto send_notify = [&](xml::Element payload) {
    xml::Element message = xmpp::message(xmpp::MessageType::headline, target->jid);
    message.add(xml::Element("notify", std::string(ns_call))).add(std::move(payload));
    return send(std::move(message));
  };
  if (send_notify(*query)) co_return;
  if (client->state() != client::State::online) throw Fault(Fault::Kind::unavailable, "not connected to the bus");
  auto delivering = deliver(*target, *query, how, until);
  const auto whole = co_await std::move(delivering);
  if (!whole) throw whole.error();
  if (closing || !send_notify(*whole)) throw closed();
}

}  // namespace xbus
