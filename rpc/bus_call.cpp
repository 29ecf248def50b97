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

Task<Value> Bus::Impl::call(Remote remote, std::string method, Value::Array args) {
  const CallOptions& how = remote.options();
  const Time until = loop.now() + std::clamp<Duration>(how.timeout, Duration::zero(), limits::call_time_max);
  Duration wait = how.retry.wait;
  for (unsigned tried = 1;; ++tried) {
    Attempt attempt_made;
    auto attempting = attempt(remote, method, args, until, attempt_made);
    Outcome outcome = co_await std::move(attempting);
    if (outcome) co_return std::move(*outcome);
    const bool repeatable = how.idempotent || (!how.key.empty() && attempt_made.sent_key);
    const bool again = repeatable && tried < how.retry.attempts && may_repeat(outcome.error()) && !closing &&
                       loop.now() + wait < until;
    if (!again) throw outcome.error();
    co_await sleep(wait);
    if (closing) throw closed();
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
  const Duration left = until - loop.now();
  if (left <= Duration::zero()) co_return Err{Fault(Fault::Kind::timeout)};
  made.sent_key = target->dialect == Dialect::extended;

  jabber_rpc::Request request{method, args, metadata_of(how, left), target->dialect};
  if (how.cancel) request.metadata.id = "c" + std::to_string(++calls);
  const auto query = jabber_rpc::write_call(request);
  if (!query) co_return Err{query.error()};
  Balance::Slot slot(balance, target->jid);
  auto exchanging = exchange(*target, *query, how, request.metadata.id, until);
  co_return co_await std::move(exchanging);
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
  auto asking = peers->dialect(target.jid, until);
  target.dialect = co_await std::move(asking);
  co_return target;
}

Task<Outcome> Bus::Impl::exchange(const Target& target, const xml::Element& query, const CallOptions& how,
                                  const std::string& call_id, Time until) {
  const Completion<std::optional<client::Answer>> done;
  const uint64_t token = client->request(target.jid, "set", query, until - loop.now(),
                                         [done](client::Answer answer) { done.complete(std::move(answer)); });
  if (how.cancel) {
    how.cancel->state_->stops[token] = [this, done, token, jid = target.jid, call_id, extended = target.dialect == Dialect::extended] {
      client->forget(token);
      if (extended) {
        xml::Element message = xmpp::message(xmpp::MessageType::headline, jid);
        message.add(xml::Element("cancel", std::string(ns_call))).set("id", call_id);
        send(std::move(message));
      }
      done.complete(std::nullopt);
    };
  }
  const std::optional<client::Answer> answer = co_await done;
  if (how.cancel) how.cancel->state_->stops.erase(token);
  if (!answer) co_return Err{Fault(Fault::Kind::cancelled)};
  co_return outcome_of(*answer, target);
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
  xml::Element message = xmpp::message(xmpp::MessageType::headline, target->jid);
  message.add(xml::Element("notify", std::string(ns_call))).add(*query);
  if (send(std::move(message))) co_return;
  if (client->state() != client::State::online) throw Fault(Fault::Kind::unavailable, "not connected to the bus");
  throw Fault(Fault::Kind::too_big, "the call is too big to send");
}

}  // namespace xbus
