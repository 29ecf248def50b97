#include "rpc/callee.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <unordered_map>

#include "bus/limits_service.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/introspection.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/thread_pool.hpp"
#include "rpc/waiter.hpp"
#include "rpc/xmlrpc_text.hpp"

namespace xbus {

namespace {

using jabber_rpc::Dialect;
using xmpp::Condition;
using xmpp::StanzaError;

constexpr std::string_view ns_delay = "urn:xmpp:delay";

// For longer no handler may hold the loop without a word in the log.
constexpr Duration held_loop_time = std::chrono::milliseconds(100);

// One run of a handler, and all who wait for it: more than one where calls with the same key came
// while it ran.
struct Work {
  Call call;
  const Method* method = nullptr;
  std::shared_ptr<const Handler> handler;
  KeyMemory::Id key;  // key empty: none
  size_t request = 0;
  std::vector<Waiter> waiters;
};
using WorkRef = std::shared_ptr<Work>;

// How long a stored message has been waiting, by its delay stamp.
Duration delay_of(const xml::Element& message, Timestamp wall) {
  const xml::Element* delay = message.first("delay", ns_delay);
  if (!delay) return {};
  const auto stamp = xmlrpc::read_time(delay->attr_or("stamp", ""));
  return stamp && *stamp < wall ? Duration(wall - *stamp) : Duration{};
}

}  // namespace

struct Callee::State : std::enable_shared_from_this<Callee::State> {
  State(Service& of, CalleeHost to, CalleeOptions with)
      : service(of), host(std::move(to)), options(std::move(with)), memory(options.keys) {}

  Service& service;
  std::weak_ptr<MethodRecord> alive;  // as long as the service is: it may go before its Callee
  CalleeHost host;
  CalleeOptions options;
  CalleeCounters counters;
  KeyMemory memory;
  bool gone = false;  // the Callee has been destroyed
  bool draining = false;
  std::function<void()> drained;
  size_t running = 0, threads = 0;
  std::map<const Method*, size_t> running_of;
  std::set<const Method*> blockers;  // methods that have been seen to hold the loop
  std::unordered_map<std::string, WorkRef> by_place;  // (from, id)
  std::unordered_map<KeyMemory::Id, WorkRef, KeyMemory::Hash>
      by_key;  // running calls that have a key
  Deadlines deadlines;
  uint64_t unnamed = 0;  // makes places for waiters whose (from, id) is absent or taken
  std::unique_ptr<ThreadPool> shared_pool;
  std::map<const Method*, std::unique_ptr<ThreadPool>> own_pools;

  void take(const xml::Element& stanza, jabber_rpc::Request request, bool one_way, Duration spent,
            Time now, std::function<void(const Outcome&)> told = {});
  std::optional<StanzaError> identify(const xml::Element& stanza,
                                      const jabber_rpc::Request& request, Call& call,
                                      xmpp::Jid& caller) const;
  std::optional<StanzaError> identify(const xmpp::Jid& sender, const jabber_rpc::Request& request,
                                      Call& call, xmpp::Jid& caller) const;
  bool repeat(const KeyMemory::Id& key, size_t hash, Waiter& waiter, Time now);
  void wait_for(const WorkRef& work, Waiter waiter);
  void start(const WorkRef& work, Value::Array args);
  static Task<void> run(std::shared_ptr<State> self, WorkRef work, Value::Array args);
  Outcome run_plain(const WorkRef& work, const Value::Array& args);
  void watch_block(const WorkRef& work, Time begun);
  Time clock() const { return host.clock ? host.clock() : host.now(); }
  void submit(const WorkRef& work, Value::Array args);
  void finish(const WorkRef& work, Outcome outcome);
  Outcome crash(const Call& call, std::string_view what);
  void cancel(const xml::Element& message);
  void end_waiting(const std::string& place, const std::function<void(Waiter&)>& answer);
  void expire(Time now);

  void answer(const Waiter& waiter, const Outcome& outcome) const {
    count(waiter, waiter.answer(outcome, host.send));
  }
  void refuse(const Waiter& waiter, const StanzaError& error) const {
    waiter.refuse(error, host.send);
    count(waiter, read_stanza(error).kind);
  }
  void count(const Waiter& waiter, FaultKind outcome) const;
  size_t running_most() const {
    return service.at_once_ == 0 ? options.running_calls
                                 : std::min(service.at_once_, options.running_calls);
  }
};

Callee::Callee(Service& service, CalleeHost host, CalleeOptions options)
    : state_(std::make_shared<State>(service, std::move(host), std::move(options))) {
  state_->alive = service.stray_;
  service.set_home(state_->options.home);
  service.set_own(state_->options.own);
  service.served_since(state_->host.now());
  service.set_administration({state_->host.now, state_->host.drain, state_->host.log_level});
  add_introspection(service);
  add_administration(service);
}

Callee::~Callee() {
  state_->gone = true;
  const bool service_lives = !state_->alive.expired();
  if (service_lives) state_->service.set_administration({});
  // Joined here, so that no handler on a thread outlives the service it belongs to.
  state_->shared_pool.reset();
  state_->own_pools.clear();
  if (!service_lives) return;
  for (const auto& [method, running] : state_->running_of) {
    method->record().running -= running;
    method->record().queued = 0;  // what has not begun never will
  }
}

// Each call ends once, by answer() or refuse(), and is counted there.
void Callee::State::count(const Waiter& waiter, FaultKind outcome) const {
  MethodRecord& record = waiter.record ? *waiter.record : service.stray_record();
  if (!waiter.worked_from) return record.ended(outcome);
  record.ended(outcome, clock() - *waiter.worked_from);
}

size_t Callee::on_threads() const { return state_->threads; }
size_t Callee::running() const { return state_->running; }
const CalleeCounters& Callee::counters() const { return state_->counters; }
void Callee::on_time(Time now) { state_->expire(now); }

Occupancy Callee::occupancy() const {
  const auto roomy = [](size_t running, size_t limit) { return running <= limit * 3 / 4; };
  const size_t most = state_->running_most();
  const Occupancy whole{state_->running >= most, roomy(state_->running, most)};
  Occupancy methods{true, false};
  bool any = false;
  for (const auto& [name, method] : state_->service.methods()) {
    if (method.built_in_) continue;
    any = true;
    const auto found = state_->running_of.find(&method);
    const size_t mine = found == state_->running_of.end() ? 0 : found->second;
    methods.full &= method.at_once_ != 0 && mine >= method.at_once_;
    methods.room |= method.at_once_ == 0 || roomy(mine, method.at_once_);
    if (!methods.full && methods.room) break;
  }
  if (!any) methods = {};
  return {whole.full || methods.full, whole.room && methods.room};
}

std::optional<Time> Callee::next_time() const {
  if (state_->deadlines.empty()) return {};
  return state_->deadlines.begin()->first;
}

void Callee::drain(std::function<void()> done) {
  state_->draining = true;
  if (state_->running == 0) return done();
  state_->drained = std::move(done);
}

void Callee::on_iq(const xml::Element& iq, Time now) {
  auto request = jabber_rpc::read_call(iq);
  if (request) return state_->take(iq, std::move(*request), false, {}, now);
  ++state_->counters.malformed;
  const Waiter waiter = waiter_for(iq, {}, Dialect::strict, false);
  if (const auto* fault = std::get_if<Fault>(&request.error()))
    return state_->answer(waiter, Err{*fault});
  state_->refuse(waiter, std::get<StanzaError>(request.error()));
}

bool Callee::on_message(const xml::Element& message, Time now, Timestamp wall) {
  if (xmpp::message_type(message) == xmpp::MessageType::error) return false;
  if (message.first("cancel", ns_call)) {
    state_->cancel(message);
    return true;
  }
  const xml::Element* notify = message.first("notify", ns_call);
  if (!notify) return false;
  const xml::Element* query = notify->first("query", jabber_rpc::ns);
  auto request = query ? jabber_rpc::read_query(*query)
                       : Err{jabber_rpc::Refusal(StanzaError(Condition::bad_request))};
  if (request) {
    state_->take(message, std::move(*request), true, delay_of(message, wall), now);
  } else {
    ++state_->counters.malformed;
    state_->service.stray_record().ended(FaultKind::malformed);
  }
  return true;
}

// Fills in who calls; the error when the sender may not say so.
std::optional<StanzaError> Callee::State::identify(const xml::Element& stanza,
                                                   const jabber_rpc::Request& request, Call& call,
                                                   xmpp::Jid& caller) const {
  auto from = xmpp::address(stanza, "from");
  if (!from || from->empty()) return StanzaError(Condition::jid_malformed);
  return identify(*from, request, call, caller);
}

std::optional<StanzaError> Callee::State::identify(const xmpp::Jid& sender,
                                                   const jabber_rpc::Request& request, Call& call,
                                                   xmpp::Jid& caller) const {
  caller = sender;
  if (!request.metadata.on_behalf_of.empty()) {
    const bool registry =
        !options.registry_domain.empty() && sender.domain() == options.registry_domain;
    const bool bridge =
        std::any_of(options.bridges.begin(), options.bridges.end(), [&](const xmpp::Jid& jid) {
          return jid == sender || (!jid.is_full() && jid.str() == sender.bare_str());
        });
    if (!registry && !bridge)
      return StanzaError(Condition::forbidden, "may not speak on behalf of others");
    auto behalf = xmpp::Jid::parse(request.metadata.on_behalf_of);
    if (!behalf) return StanzaError(Condition::bad_request, "on-behalf-of is no JID");
    call.via = sender.str();
    caller = std::move(*behalf);
  }
  call.caller = caller.str();
  call.admin = service.is_admin(caller);
  return {};
}

bool Callee::admits(const xmpp::Jid& from, const jabber_rpc::Request& request) const {
  Call call;
  xmpp::Jid caller;
  return !state_->identify(from, request, call, caller) &&
         state_->service.allows(caller, request.method);
}

void Callee::ask(const xmpp::Jid& from, jabber_rpc::Request request, Time now,
                 std::function<void(const Outcome&)> told) {
  // No id that a stanza can have, so that nobody else's cancel names it.
  xml::Element stanza("iq", std::string(xml::ns_client));
  stanza.set("type", "set")
      .set("from", from.str())
      .set("id", "\n" + std::to_string(++state_->unnamed));
  state_->take(stanza, std::move(request), false, {}, now, std::move(told));
}

void Callee::State::take(const xml::Element& stanza, jabber_rpc::Request request, bool one_way,
                         Duration spent, Time now, std::function<void(const Outcome&)> told) {
  ++counters.received;
  auto work = std::make_shared<Work>();
  Call& call = work->call;
  Waiter waiter = waiter_for(stanza, request.metadata.id, request.dialect, one_way);
  waiter.told = std::move(told);
  const Method* method = service.find(request.method);
  if (method) waiter.record = &method->record();
  xmpp::Jid caller;
  std::optional<StanzaError> refusal = identify(stanza, request, call, caller);
  // A stranger does not learn which methods there are (RPC-07).
  if (!refusal && !service.allows(caller, request.method))
    refusal = StanzaError(Condition::forbidden);
  if (refusal) {
    ++counters.refused;
    return refuse(waiter, *refusal);
  }
  if (draining) return refuse(waiter, stanza_error(FaultKind::unavailable, "draining"));

  const Duration left = request.metadata.deadline.value_or(limits::call_time_default) - spent;
  if (left <= Duration::zero()) {
    ++counters.expired;
    return refuse(waiter, stanza_error(FaultKind::timeout));
  }
  waiter.deadline = now + left;
  if (!method) {
    ++counters.faults;
    return answer(waiter, Err{Fault(Fault::Kind::no_such_method, request.method)});
  }
  work->method = method;
  work->handler = method->handler_;
  waiter.nothing = method->description_.result.kind == Type::Kind::nothing;
  if (!request.metadata.key.empty()) {
    work->key = {std::string(caller.bare_str()), request.metadata.key};
    work->request = hash_of(Value(Value::Array{request.method, Value(request.args)}));
    if (repeat(work->key, work->request, waiter, now)) return;
  }
  const size_t mine = running_of[method];
  // What a full service is asked about itself is answered all the same.
  const size_t most = method->built_in_ ? options.running_calls : running_most();
  if (running >= most || (method->at_once_ != 0 && mine >= method->at_once_)) {
    ++counters.busy;
    return refuse(waiter, stanza_error(FaultKind::busy));
  }
  call.service = service.name();
  call.method = std::move(request.method);
  call.arrived = now;
  call.deadline = waiter.deadline;
  call.traceparent = std::move(request.metadata.traceparent);
  call.tracestate = std::move(request.metadata.tracestate);
  call.key = std::move(request.metadata.key);
  call.one_way = one_way;
  if (!work->key.key.empty()) by_key[work->key] = work;
  waiter.worked_from = now;
  wait_for(work, std::move(waiter));
  start(work, std::move(request.args));
}

// The same key again: the answer is repeated, or waited for together. Another call under a used key
// is a mistake.
bool Callee::State::repeat(const KeyMemory::Id& key, size_t hash, Waiter& waiter, Time now) {
  const auto runs = by_key.find(key);
  const KeyMemory::Entry* done = runs == by_key.end() ? memory.find(key, now) : nullptr;
  if (runs == by_key.end() && !done) return false;
  ++counters.repeated;
  ++waiter.record->repeated;
  if ((done ? done->request : runs->second->request) != hash) {
    answer(waiter,
           Err{Fault(Fault::Kind::invalid, "the idempotency key has been used for another call")});
  } else if (done) {
    answer(waiter, done->outcome);
  } else if (runs->second->waiters.size() >= limits::waiters_per_call_max || by_place.size() >= options.running_calls) {
    ++counters.busy;
    refuse(waiter, stanza_error(FaultKind::busy));
  } else {
    waiter.worked_from = now;
    wait_for(runs->second, std::move(waiter));
  }
  return true;
}

void Callee::State::wait_for(const WorkRef& work, Waiter waiter) {
  if (waiter.one_way || by_place.contains(waiter.place))
    waiter.place += '\n' + std::to_string(++unnamed);
  waiter.timer = deadlines.emplace(waiter.deadline, waiter.place);
  by_place[waiter.place] = work;
  work->waiters.push_back(std::move(waiter));
}

void Callee::State::start(const WorkRef& work, Value::Array args) {
  ++running;
  ++running_of[work->method];
  ++work->method->record().running;
  if (work->method->pool_ != Method::Pool::none) return submit(work, std::move(args));
  if (work->handler->coroutine) return spawn(run(shared_from_this(), work, std::move(args)));
  const Time begun = clock();
  Outcome outcome = run_plain(work, args);
  watch_block(work, begun);
  finish(work, std::move(outcome));
}

Outcome Callee::State::run_plain(const WorkRef& work, const Value::Array& args) {
  try {
    return work->handler->plain(work->call, args);
  } catch (const Fault& fault) {
    return Err{fault};
  } catch (const std::exception& error) {
    return crash(work->call, error.what());
  } catch (...) {
    return crash(work->call, "an exception of no known type");
  }
}

void Callee::State::watch_block(const WorkRef& work, Time begun) {
  if (gone || !host.blocked) return;
  const Duration took = clock() - begun;
  if (took <= held_loop_time) return;
  if (blockers.insert(work->method).second) host.blocked(work->call, took);
}

Task<void> Callee::State::run(std::shared_ptr<State> self, WorkRef work, Value::Array args) {
  std::optional<Outcome> outcome;
  try {
    outcome = co_await work->handler->coroutine(work->call, std::move(args));
  } catch (const Fault& fault) {
    outcome = Err{fault};
  } catch (const std::exception& error) {
    outcome = self->crash(work->call, error.what());
  } catch (...) {
    outcome = self->crash(work->call, "an exception of no known type");
  }
  self->finish(work, std::move(*outcome));
}

void Callee::State::submit(const WorkRef& work, Value::Array args) {
  std::unique_ptr<ThreadPool>& pool =
      work->method->pool_ == Method::Pool::own ? own_pools[work->method] : shared_pool;
  if (!pool)
    pool = std::make_unique<ThreadPool>(work->method->threads_ ? work->method->threads_
                                                               : ThreadPool::default_threads());
  ++threads;
  work->method->record().queued.fetch_add(1, std::memory_order_relaxed);
  auto shared_args = std::make_shared<const Value::Array>(std::move(args));
  pool->submit([self = weak_from_this(), post = host.post, work, shared_args,
                record = work->method->record_] {
    record->queued.fetch_sub(1, std::memory_order_relaxed);
    std::optional<Outcome> outcome;
    std::string what;
    try {
      if (work->call.cancelled()) throw Fault(Fault::Kind::cancelled, "given up before it began");
      outcome = work->handler->plain(work->call, *shared_args);
    } catch (const Fault& fault) {
      outcome = Err{fault};
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
      what = "an exception of no known type";
    }
    post([self, work, outcome = std::move(outcome), what = std::move(what)] {
      const auto state = self.lock();
      if (!state) return;
      --state->threads;
      state->finish(work, outcome ? *outcome : state->crash(work->call, what));
    });
  });
}

Outcome Callee::State::crash(const Call& call, std::string_view what) {
  if (!gone) {
    ++counters.crashed;
    if (host.crashed) host.crashed(call, what);
  }
  // Its text may hold anything, so only admins see it.
  return Err{Fault(Fault::Kind::failed, call.admin ? std::string(what) : "the handler failed")};
}

void Callee::State::finish(const WorkRef& work, Outcome outcome) {
  if (gone) return;
  work->call.settle();
  --running;
  --running_of[work->method];
  --work->method->record().running;
  if (work->waiters.empty()) ++counters.late;
  if (host.ended)
    host.ended(work->call, outcome ? FaultKind::ok : outcome.error().kind(),
               clock() - work->call.arrived);
  for (const Waiter& waiter : work->waiters) {
    by_place.erase(waiter.place);
    deadlines.erase(waiter.timer);
    ++(outcome ? counters.answered : counters.faults);
    answer(waiter, outcome);
  }
  work->waiters.clear();
  if (!work->key.key.empty()) {
    by_key.erase(work->key);
    memory.remember(work->key, work->request, std::move(outcome), host.now());
  }
  if (running == 0 && drained) std::exchange(drained, nullptr)();
}

void Callee::State::cancel(const xml::Element& message) {
  const xml::Element* cancel = message.first("cancel", ns_call);
  auto from = xmpp::address(message, "from");
  const std::string* id = cancel->attr("id");
  if (!from || !id) return;
  // The place holds the sender's own address: nobody cancels the call of another.
  end_waiting(waiter_place(message.attr_or("from", ""), *id), [this](Waiter& waiter) {
    ++counters.cancelled;
    answer(waiter, Err{Fault(Fault::Kind::cancelled)});
  });
}

void Callee::State::end_waiting(const std::string& place,
                                const std::function<void(Waiter&)>& give) {
  const auto found = by_place.find(place);
  const WorkRef work = found == by_place.end() ? nullptr : found->second;
  if (!work) return;
  by_place.erase(found);
  const auto waiter = std::find_if(work->waiters.begin(), work->waiters.end(),
                                   [&](const Waiter& each) { return each.place == place; });
  if (waiter == work->waiters.end()) return;
  Waiter ended = std::move(*waiter);
  deadlines.erase(ended.timer);
  work->waiters.erase(waiter);
  give(ended);
  if (work->waiters.empty()) work->call.cancel();
}

void Callee::State::expire(Time now) {
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    const std::string place = deadlines.begin()->second;
    end_waiting(place,
                [this](Waiter& waiter) { refuse(waiter, stanza_error(FaultKind::timeout)); });
  }
}

}  // namespace xbus
