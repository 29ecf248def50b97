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
  host.send = [this](const xml::Element& stanza) { return send(stanza); };
  host.post = [&on = loop](std::function<void()> fn) { on.post(std::move(fn)); };
  host.now = [this] { return loop.now(); };
  host.clock = [this] { return loop.clock(); };
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
  here.deadline = std::make_unique<net::Timer>(loop);
  here.load_timer = std::make_unique<net::Timer>(loop);
  here.registration = std::make_unique<Registration>(
      loop, *address,
      Registration::Host{[this](const xml::Element& stanza) { send(stanza); },
                         [this](registry::InstanceState state) {
                           return registering_presence(*face, {state, options.weight, served->load});
                         },
                         [this](const std::optional<Fault>& fault) {
                           if (served->first) {
                             const auto first = std::exchange(served->first, std::nullopt);
                             first->complete(fault);
                           } else if (fault) {
                             log(LogLevel::warn, "the registry refuses " + served->service->name() + ": " + fault->message());
                           }
                         }});
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

// The timer is only moved when a deadline comes before it: one that has been answered wakes it once for nothing.
void Bus::Impl::arm() {
  if (!served) return;
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
  const auto first = served->first.emplace();
  served->registration->online();
  watch_load();
  const std::optional<Fault> fault = co_await first;
  if (!fault) co_return;
  co_await take_down();
  throw refused(*fault);
}

Task<void> Bus::Impl::leave() {
  if (!served) co_return;
  served->registration->set_state(registry::InstanceState::away);
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
}

}  // namespace xbus
