// A bus as the place where a service stands.
#include <stdexcept>

#include "bus/xmpp/stanza.hpp"
#include "rpc/bus_impl.hpp"

namespace xbus {

namespace {

// Callers that have not yet heard that we leave still send calls: they are taken for this long.
constexpr Duration grace = std::chrono::milliseconds(250);

// A registration that did not come about, as the one who serves sees it.
Fault refused(const Fault& fault) {
  const std::string* condition = fault.find_detail("condition");
  if (condition && *condition == name_of(xmpp::Condition::resource_constraint))
    return Fault(Fault::Kind::busy, fault.message());
  return fault;
}

}  // namespace

void Bus::Impl::put_up(Service& service) {
  if (served) throw std::logic_error("this connection serves " + served->service->name() + " already");
  const auto address = registry::service_address(service.name(), registry_domain());
  if (!address) throw Fault(Fault::Kind::invalid, "\"" + service.name() + "\" cannot be the name of a service");

  CalleeOptions with;
  with.home.add("*@" + bus_domain());
  with.home.add(bus_domain());
  with.own.add(client->jid().bare_str());
  with.registry_domain = registry_domain();
  for (const std::string& bridge : options.bridges)
    if (const auto jid = xmpp::Jid::parse(bridge)) with.bridges.push_back(*jid);
  CalleeHost host;
  host.send = [this](const xml::Element& stanza) { return send(stanza) || answer_in_pieces(stanza); };
  host.post = [&on = loop](std::function<void()> fn) { on.post(std::move(fn)); };
  host.now = [this] { return loop.now(); };
  host.clock = [this] { return loop.clock(); };
  host.ended = [this](const Call& call, FaultKind outcome, Duration took) {
    if (options.log_level > LogLevel::debug) return;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    log(LogLevel::debug, "call " + call.method + " from " + call.caller + (call.via.empty() ? "" : " via " + call.via) +
                             ": " + std::string(name_of(outcome)) + " in " + std::to_string(micros) + " us" +
                             (call.traceparent.empty() ? "" : ", trace " + call.traceparent));
  };
  host.blocked = [this](const Call& call, Duration took) {
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    log(LogLevel::warn, "method " + call.method + " held the loop for " + std::to_string(millis) +
                            " ms, and nothing else ran meanwhile: .blocking() gives it a thread");
  };
  host.drain = [this] {
    if (!std::exchange(served->draining, true)) spawn(drain_soon());
  };
  host.log_level = [this](std::optional<LogLevel> level) {
    if (level && options.log_level != *level) {
      options.log_level = *level;
      if (options.on_log_level) options.on_log_level(*level);
    }
    return options.log_level;
  };
  host.crashed = [this](const Call& call, std::string_view what) {
    log(LogLevel::warn, "method " + call.method + " failed: " + std::string(what));
  };

  Served& here = served.emplace();
  here.service = &service;
  here.callee = std::make_unique<Callee>(service, std::move(host), std::move(with));
  face.reset();  // the one that says we serve nothing, before its successor answers in its place
  face = make_face(*client, &service);
  open_front();
  here.deadline = std::make_unique<net::Timer>(loop);
  here.load_timer = std::make_unique<net::Timer>(loop);
  here.full_timer = std::make_unique<net::Timer>(loop);
  here.registration = std::make_unique<Registration>(
      loop, *address,
      Registration::Host{[this](const xml::Element& stanza) { send(stanza); },
                         [this](registry::InstanceState state) {
                           return registering_presence(*face, {state, options.weight, served->load});
                         },
                         [this](const std::optional<Fault>& fault) { on_registered(fault); }});
}

void Bus::Impl::on_registered(const std::optional<Fault>& fault) {
  if (served->first) {
    const auto first = std::exchange(served->first, std::nullopt);
    return first->complete(fault);
  }
  const std::string why = fault ? fault->what() : "";
  // It is asked again and again; what it says is told once.
  if (std::exchange(served->refused, why) != why && fault)
    log(LogLevel::warn, "the registry refuses " + served->service->name() + ": " + why);
}

// The ways in for people: chat messages and the forms of commands.
void Bus::Impl::open_front() {
  Front front;
  front.send = [this](const xml::Element& stanza) { return send(stanza); };
  front.admits = [this](const xmpp::Jid& from, const jabber_rpc::Request& request) {
    return served->callee->admits(from, request);
  };
  front.ask = [this](const xmpp::Jid& from, jabber_rpc::Request request, Front::Told told) {
    served->callee->ask(from, std::move(request), loop.now(), std::move(told));
  };
  served->bot = std::make_unique<Bot>(*served->service, front);
  served->commands = std::make_unique<Commands>(*served->service, [this] { return client->jid(); }, std::move(front));
  face->on_node(
      [this](const xmpp::Jid& from, std::string_view node) -> std::optional<std::vector<xmpp::DiscoItem>> {
        if (!served || node != xmpp::ns_commands) return {};
        return served->commands->items(from);
      },
      [this](const xmpp::Jid& from, std::string_view node) -> std::optional<xmpp::DiscoInfo> {
        if (!served) return {};
        if (node == xmpp::ns_commands) return xmpp::commands_info();
        return served->commands->info(from, node);
      });
}

// How busy this instance is, for those who look at the list. Seldom, since everyone who watches is told.
void Bus::Impl::watch_load() {
  constexpr Duration seldom = std::chrono::seconds(15);
  served->load_timer->start(seldom, [this] {
    if (const size_t load = served->callee->running(); load != served->load) {
      served->load = load;
      served->registration->say_again();
    }
    watch_load();
  });
}

// After a call has come, and at the times that Fullness asks for: a call that ends is noticed then.
void Bus::Impl::watch_fullness() {
  if (served->full_timer->running()) return;
  if (served->fullness.on(served->callee->occupancy(), loop.now())) {
    served->load = served->callee->running();
    say_state();
  }
  if (const auto next = served->fullness.next_time())
    served->full_timer->start_at(*next, [this] { watch_fullness(); });
}

void Bus::Impl::say(registry::InstanceState state) {
  served->wanted = state;
  say_state();
}

void Bus::Impl::say_state() {
  using State = registry::InstanceState;
  const bool full = served->wanted == State::available && served->fullness.full();
  served->registration->set_state(full ? State::dnd : served->wanted);
}

// The timer is only moved when a deadline comes before it: one that has been answered wakes it once for nothing.
void Bus::Impl::arm() {
  if (!served) return;
  watch_fullness();
  const auto next = served->callee->next_time();
  if (!next || (served->deadline->running() && served->armed <= *next)) return;
  served->armed = *next;
  served->deadline->start_at(*next, [this] {
    served->callee->on_time(loop.now());
    arm();
  });
}

Task<void> Bus::Impl::serve(Service& service) {
  if (client->state() != client::State::online) throw Fault(Fault::Kind::unavailable, "not connected to the bus");
  put_up(service);
  client->resume(client::Options::Resume::never);
  watch_load();
  if (is_component()) {
    served->registration->online();
    co_return;
  }
  const auto first = served->first.emplace();
  served->registration->online();
  const std::optional<Fault> fault = co_await first;
  if (!fault) co_return;
  co_await take_down();
  throw refused(*fault);
}

Task<void> Bus::Impl::leave() {
  if (!served) co_return;
  say(registry::InstanceState::away);
  co_await sleep(grace);
  if (closing || !served) co_return;
  const Completion<bool> drained;
  served->callee->drain([drained] { drained.complete(true); });
  net::Timer timer(loop);
  timer.start(options.drain_time, [drained] { drained.complete(false); });
  if (!co_await drained) log(LogLevel::warn, "leaving with calls under way");
  if (closing || !served) co_return;
  served->registration->leave();
  co_await take_down();
}

// Later, when the call that asks for it has been answered.
Task<void> Bus::Impl::drain_soon() {
  co_await sleep(Duration::zero());
  if (closing || !served) co_return;
  if (options.on_drain) {
    options.on_drain();
  } else {
    co_await leave();
  }
}

// Later, not from inside the registration's or the callee's own call of us.
Task<void> Bus::Impl::take_down() {
  co_await sleep(Duration::zero());
  if (closing || !served) co_return;
  served.reset();
  face.reset();
  face = make_face(*client, nullptr);
  if (options.resume) client->resume(client::Options::Resume::later);
}

}  // namespace xbus
