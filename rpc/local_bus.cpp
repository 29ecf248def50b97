#include "rpc/local_bus.hpp"

#include <list>
#include <thread>

#include "bus/net/virtual_loop.hpp"
#include "bus/server/server.hpp"
#include "bus/store/memory_store.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus {

namespace {

// How long wait() lets the clock run before it calls a task stuck.
constexpr Duration patience = std::chrono::hours(1);

registry::RegistryOptions registry_options(const std::string& domain) {
  registry::RegistryOptions options;
  options.domain = "services." + domain;
  options.names.claim = registry::Claim::first;
  options.names.bus_domain = domain;
  return options;
}

server::Options server_options(const std::string& domain) {
  server::Options options;
  options.domain = domain;
  return options;
}

}  // namespace

// In this order, so that connections go before the server and the server before what it holds.
struct LocalBus::Impl {
  explicit Impl(const std::string& of)
      : domain(of),
        store(store::make_memory_store()),
        registry(registry_options(of), *store),
        server(server_options(of), {&loop}, *store, [](auto&&...) {}) {
    server.attach("services." + domain, registry);
    server.serve_topics(
        "events." + domain,
        {.owns = [this](std::string_view name, const xmpp::Jid& account) { return registry.owns_name(name, account); },
         .owned = [this](std::string_view name) { return registry.has_owner(name); },
         .claim = [this](std::string_view name, const xmpp::Jid& account) { return registry.claim_name(name, account); }});
  }

  // Handlers on threads work in true time: the clock waits for them.
  bool threads_are_busy() const {
    for (const auto& bus : buses)
      if (const Callee* callee = bus->callee(); callee && callee->on_threads() > 0) return true;
    return false;
  }

  std::string domain;
  net::VirtualLoop loop;
  std::unique_ptr<store::Store> store;
  registry::Registry registry;
  server::Server server;
  std::list<std::unique_ptr<Bus>> buses;
  Bus* tester = nullptr;
};

LocalBus::LocalBus(std::string domain) : impl_(std::make_unique<Impl>(domain)) {}
LocalBus::~LocalBus() = default;

Bus& LocalBus::connect(std::string account, BusOptions options) {
  Impl& impl = *impl_;
  options.connection.account = account;
  options.connection.domain = impl.domain;
  auto make = [&impl, account] { return impl.server.connect_local(account, impl.loop); };
  Bus& bus = *impl.buses.emplace_back(std::make_unique<Bus>(impl.loop, std::move(options), make));
  wait(bus.connect());
  return bus;
}

void LocalBus::drop(Bus& bus) {
  if (impl_->tester == &bus) impl_->tester = nullptr;
  impl_->buses.remove_if([&](const auto& held) { return held.get() == &bus; });
}

Bus& LocalBus::serve(Service& service, std::string account) {
  Bus& bus = connect(std::move(account));
  wait(bus.serve(service));
  return bus;
}

Bus& LocalBus::connection() {
  if (!impl_->tester) impl_->tester = &connect();
  return *impl_->tester;
}

void LocalBus::wait(Task<void> task) {
  auto ended = std::make_shared<std::optional<std::exception_ptr>>();
  spawn([](Task<void> inner, std::shared_ptr<std::optional<std::exception_ptr>> out) -> Task<void> {
    std::exception_ptr error;
    try {
      co_await std::move(inner);
    } catch (...) {
      error = std::current_exception();
    }
    *out = error;
  }(std::move(task), ended));
  run_until([&] { return ended->has_value(); });
  if (**ended) std::rethrow_exception(**ended);
}

void LocalBus::run_until(const std::function<bool()>& done) {
  const Time end = now() + patience;
  while (!done()) {
    impl_->loop.run_until_idle();
    if (done()) return;
    if (impl_->threads_are_busy()) {
      std::this_thread::yield();
      continue;
    }
    if (now() >= end) throw Fault(Fault::Kind::timeout, "what is waited for does not come");
    impl_->loop.run_until([&] { return done() || impl_->threads_are_busy(); }, end - now());
  }
}

void LocalBus::advance(Duration by) { impl_->loop.advance(by); }
Time LocalBus::now() const { return impl_->loop.now(); }
net::Loop& LocalBus::loop() { return impl_->loop; }

}  // namespace xbus
