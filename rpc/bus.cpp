#include "rpc/bus.hpp"

#include <cstdio>
#include <random>

#include "bus/client/ping_responder.hpp"
#include "bus/xmpp/rsm.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/bus_impl.hpp"
#include "rpc/jabber_rpc.hpp"

namespace xbus {

namespace {

using Login = Result<xmpp::Jid, xmpp::LoginError>;

client::Options connection_of(const BusOptions& options) {
  using Resume = client::Options::Resume;
  client::Options connection = options.connection;
  if (options.resume && connection.resume == Resume::never) connection.resume = Resume::later;
  return connection;
}

}  // namespace

Bus::Impl::Impl(net::Loop& on, BusOptions with, std::unique_ptr<client::Client> over)
    : loop(on),
      options(std::move(with)),
      registry_domain_(options.registry_domain),
      balance(std::random_device()()),
      client(std::move(over)) {
  peers.emplace(*client);
  in_pieces = std::make_unique<InPieces>(*this);
  client->on_iq(pieces::ns, [this](const xml::Element& iq) { on_pieces(iq); });
  client->on_state([this](client::State state) { on_state(state); });
  client->on_presence([this](const xml::Element& presence) {
    if (served && served->registration->on_presence(presence)) return;
    if (directory) directory->on_presence(presence);
  });
  client::answer_ping(*client);
  face = make_face(*client, nullptr);
  client->on_message([this](const xml::Element& message) {
    if (on_pieces_message(message) || !served) return;
    if (!served->callee->on_message(message, loop.now(), loop.wall())) served->bot->on_message(message, loop.now());
    arm();
  });
  client->on_iq(xmpp::ns_commands, [this](const xml::Element& iq) {
    if (served) {
      served->commands->on_iq(iq, loop.now());
      arm();
    } else if (const auto error = xmpp::error_for(iq, xmpp::Condition::service_unavailable)) {
      send(*error);
    }
  });
  client->on_iq(jabber_rpc::ns, [this](const xml::Element& iq) {
    if (served) {
      served->callee->on_iq(iq, loop.now());
      arm();
    } else if (const auto error = xmpp::error_for(iq, xmpp::Condition::service_unavailable)) {
      send(*error);
    }
  });
}

// What waits is told first, while everything still stands; `closing` keeps it from beginning anew.
Bus::Impl::~Impl() {
  closing = true;
  while (!sleeping.empty()) {
    const Completion<bool> done = sleeping.front();
    sleeping.pop_front();
    done.complete(true);
  }
  directory.reset();
  if (served && served->first) served->first->complete(Fault(Fault::Kind::unavailable, "the bus is closed"));
  served.reset();
  face.reset();
  client.reset();
}

const std::string& Bus::Impl::registry_domain() const { return registry_domain_; }

std::string Bus::Impl::bus_domain() const {
  const std::string& own = client->domain();
  const size_t dot = is_component() ? own.find('.') : std::string::npos;
  return dot == std::string::npos ? own : own.substr(dot + 1);
}

void Bus::Impl::log(LogLevel level, const std::string& line) const {
  if (level < options.log_level) return;
  if (options.log) return options.log(level, line);
  std::fprintf(stderr, "xbus: %s\n", line.c_str());
}

bool Bus::Impl::send(xml::Element stanza) {
  // A component says who it is; a client's server knows.
  if (is_component() && !stanza.attr("from")) stanza.set("from", client->jid().str());
  return client->send(stanza);
}

void Bus::Impl::on_state(client::State state) {
  if (closing) return;
  if (state != client::State::online) {
    peers->clear();
    in_pieces->inbox.clear();
    if (directory) directory->offline();
    if (served) served->registration->offline();
    // Later, not from inside the client's own call.
    if (state == client::State::offline && gave_up) loop.post(std::exchange(gave_up, nullptr));
    if (state == client::State::closed && directory && client->failure() && options.on_closed)
      loop.post([told = options.on_closed, fault = fault_from(*client->failure())] { told(fault); });
    return;
  }
  if (registry_domain_.empty()) registry_domain_ = "services." + bus_domain();
  if (!directory) {
    const auto registry = xmpp::Jid::parse(registry_domain_);
    directory = std::make_unique<Directory>(*client, registry ? *registry : xmpp::Jid(),
                                            [this](const xmpp::Jid& gone) {
                                              peers->forget(gone);
                                              in_pieces->inbox.forget(gone);
                                              client->lose(gone);
                                            });
  }
  directory->online();
  if (served) served->registration->online();
}

Task<void> Bus::Impl::sleep(Duration time) {
  sleeping.emplace_back();
  const auto place = std::prev(sleeping.end());
  const Completion<bool> done = *place;
  net::Timer timer(loop);
  timer.start(time, [done] { done.complete(true); });
  co_await done;
  if (!closing) sleeping.erase(place);
}

BusOptions BusOptions::component(std::string address, std::string domain, std::string secret) {
  BusOptions options;
  options.connection.address = std::move(address);
  options.connection.domain = std::move(domain);
  options.connection.component_secret = std::move(secret);
  return options;
}

Bus::Bus(net::Loop& loop, BusOptions options)
    : impl_(std::make_unique<Impl>(loop, options, std::make_unique<client::Client>(loop, connection_of(options)))) {}

Bus::Bus(net::Loop& loop, BusOptions options, std::function<std::unique_ptr<net::Transport>()> make_transport)
    : impl_(std::make_unique<Impl>(
          loop, options, std::make_unique<client::Client>(loop, connection_of(options), std::move(make_transport)))) {}

Bus::~Bus() { end_events(); }

// The handles of its events outlive the bus, and may have outlived the service.
void Bus::end_events() {
  if (!impl_->served) return;
  for (const auto& event : impl_->served->events) event->end();
}

Task<void> Bus::connect() {
  const Completion<Login> done;
  impl_->gave_up = nullptr;
  // The client itself tries for ever; its first failure is the end for those who want to know at once.
  if (impl_->options.patience == BusOptions::Patience::once)
    impl_->gave_up = [done, &client = *impl_->client] {
      done.complete(Err{client.failure().value_or(xmpp::LoginError{.kind = xmpp::LoginError::Kind::unreachable})});
    };
  spawn([](client::Client& client, Completion<Login> out) -> Task<void> {
    auto connecting = client.connect();
    Login login = co_await std::move(connecting);
    out.complete(std::move(login));
  }(*impl_->client, done));
  const Login login = co_await done;
  if (impl_->closing) throw Fault(Fault::Kind::unavailable, "the bus is closed");
  impl_->gave_up = nullptr;
  if (login) co_return;
  auto closing = impl_->client->close();
  co_await std::move(closing);
  throw fault_from(login.error());
}

Task<void> Bus::close() {
  end_events();
  if (impl_->served) co_await impl_->leave();
  co_await impl_->client->close();
}

Remote Bus::service(std::string name) { return Remote(*this, Remote::To::service, std::move(name)); }
Remote Bus::entity(std::string jid) { return Remote(*this, Remote::To::entity, std::move(jid)); }

// Topics NAME/... follow the name, which is the service's when it is listed.
Task<void> Bus::serve(Service& service) {
  auto serving = impl_->serve(service);
  co_await std::move(serving);
  const auto sources = service.event_sources();
  impl_->served->events = sources;
  for (const auto& event : sources) {
    auto beginning = event->begin(*this);
    co_await std::move(beginning);
  }
}

Task<void> Bus::leave(Service& service) {
  if (!impl_->served || impl_->served->service != &service) co_return;
  end_events();
  co_await impl_->leave();
}

void Bus::set_state(registry::InstanceState state) {
  if (impl_->served) impl_->say(state);
}

namespace {

constexpr uint32_t services_a_page = 1000;  // or names; bytes end a page sooner

// A list of the registry, page by page (XEP-0059): `take` reads each.
Task<void> ask_pages(client::Client& client, std::string domain, std::string what, Time deadline, net::Loop& loop,
                     std::function<void(const xml::Element&)> take) {
  const auto registry = xmpp::Jid::parse(domain);
  if (!registry) throw Fault(Fault::Kind::unavailable, "not connected to the bus");
  xmpp::PageRequest request;
  request.max = services_a_page;
  while (true) {
    xml::Element query(what, std::string(registry::ns_registry));
    query.add(xmpp::to_element(request));
    auto asking = client.request(*registry, "get", std::move(query), deadline - loop.now());
    const client::Answer answer = co_await std::move(asking);
    const xml::Element* list = answer.stanza.first(what, registry::ns_registry);
    if (answer.kind == client::Answer::Kind::timed_out) throw Fault(Fault::Kind::timeout, "the registry does not answer");
    if (answer.kind == client::Answer::Kind::error) throw fault_from(answer.error);
    if (answer.kind != client::Answer::Kind::result || !list)
      throw Fault(Fault::Kind::unavailable, "no registry answers on this bus");
    take(*list);
    const auto page = xmpp::page_from(*list);
    // Its own word for the order is believed as far as it goes on.
    if (!page || !page->last || (request.after && *page->last <= *request.after)) co_return;
    if (page->first_index && page->count && *page->first_index + list->element_count() - 1 >= *page->count) co_return;
    request.after = page->last;
  }
}

}  // namespace

Task<std::vector<registry::ServiceInfo>> Bus::list(Duration timeout) {
  std::vector<registry::ServiceInfo> all;
  auto asking = ask_pages(*impl_->client, impl_->registry_domain(), "services", impl_->loop.now() + timeout,
                          impl_->loop, [&](const xml::Element& page) {
                            for (auto& service : registry::services_from(page)) all.push_back(std::move(service));
                          });
  co_await std::move(asking);
  co_return all;
}

Task<std::vector<registry::NameInfo>> Bus::names(Duration timeout) {
  std::vector<registry::NameInfo> all;
  auto asking = ask_pages(*impl_->client, impl_->registry_domain(), "names", impl_->loop.now() + timeout, impl_->loop,
                          [&](const xml::Element& page) {
                            for (auto& name : registry::names_from(page)) all.push_back(std::move(name));
                          });
  co_await std::move(asking);
  co_return all;
}

Task<std::vector<registry::InstanceInfo>> Bus::instances(std::string name) {
  if (!impl_->directory) throw Fault(Fault::Kind::unavailable, "not connected to the bus");
  auto asking = impl_->directory->instances(std::move(name), impl_->loop.now() + limits::call_time_default);
  auto instances = co_await std::move(asking);
  if (!instances) throw instances.error();
  co_return **instances;
}

const xmpp::Jid& Bus::jid() const { return impl_->client->jid(); }
const std::string& Bus::registry_domain() const { return impl_->registry_domain(); }
client::Client& Bus::client() { return *impl_->client; }
net::Loop& Bus::loop() { return impl_->loop; }

size_t Bus::bytes_in_pieces() const { return impl_->in_pieces->quota.bytes(); }

const Callee* Bus::callee() const { return impl_->served ? impl_->served->callee.get() : nullptr; }

}  // namespace xbus
