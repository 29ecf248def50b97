#include "services/xbusd/daemon.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "bus/net/io_loop.hpp"
#include "bus/net/listener.hpp"
#include "bus/net/make_ca.hpp"
#include "bus/net/metrics_server.hpp"
#include "bus/net/socket.hpp"
#include "bus/net/timer.hpp"
#include "bus/net/tls.hpp"
#include "bus/server/accounts.hpp"
#include "bus/server/server.hpp"
#include "bus/store/memory_store.hpp"
#include "bus/store/sqlite_store.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/scram.hpp"
#include "rpc/registry/registry.hpp"
#include "rpc/registry/registry_metrics.hpp"
#include "services/common/log.hpp"
#include "services/common/store_trouble.hpp"
#include "services/xbusd/addresses.hpp"
#include "services/xbusd/heap.hpp"
#include "services/xbusd/notify.hpp"
#include "services/xbusd/places.hpp"

namespace xbus::xbusd {

using namespace std::chrono_literals;
using server::ListenerKind;
using Problem = Result<void, std::string>;

namespace {

size_t cpus_allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max<size_t>(1, static_cast<size_t>(CPU_COUNT(&set)));
}

// As many connections as the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

store::Keys kept(const xmpp::ScramKeys& keys) {
  return {keys.salt, keys.iterations, keys.stored_key, keys.server_key};
}

server::Options options_of(const Config& config) {
  server::Options options;
  options.domain = config.domain;
  options.admins = config.admins;
  options.stanza_bytes_max = config.stanza_bytes_max;
  options.queue_bytes_per_account_max = config.queue_bytes_per_account_max;
  options.connections_per_account_max = config.connections_per_account_max;
  options.login_time_max = std::chrono::seconds(config.login_seconds_max);
  options.write_stall_time_max = std::chrono::seconds(config.stall_seconds_max);
  options.resume_time_max = std::chrono::seconds(config.resume_seconds_max);
  options.resumable_sessions_max = config.resumable_sessions_max;
  options.resumable_sessions_per_account_max = config.resumable_sessions_per_account_max;
  options.unacked_stanzas_max = config.unacked_stanzas_max;
  // One stanza always fits.
  options.unacked_bytes_max = std::max(config.unacked_bytes_max, config.stanza_bytes_max);
  options.stanzas_per_second_max = config.stanzas_per_second_max;
  options.bytes_per_second_max = config.bytes_per_second_max;
  options.guard.failures_max = config.login_failures_max;
  options.guard.ban_time = std::chrono::seconds(config.login_ban_seconds);
  options.guard.connections_per_second = config.connections_per_second_per_address_max;
  options.guard.connections_open_max = config.connections_prelogin_per_address_max;
  options.guard.loopback = config.guard_loopback;
  return options;
}

constexpr auto heap_time = 5s;  // between two looks at what it keeps free

}  // namespace

struct Daemon::Parts {
  Config config;   // as it runs
  Config as_read;  // before addresses in it were prepared
  ReadAgain read_again;
  bool system;
  common::Log log;
  // In the order in which each needs those above it.
  std::vector<std::unique_ptr<net::IoLoop>> loops;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<registry::Registry>
      registry;  // outlives the server, which tells it when it is over
  std::unique_ptr<server::Server> server;
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::unique_ptr<net::MetricsServer> metrics;
  std::vector<std::thread> threads;
  size_t next_loop = 0;
  std::string data;
  std::vector<ListenAddress> addresses;
  bool stopping = false;
  Heap heap;
  std::unique_ptr<net::Timer> heap_timer;

  void look_at_heap() {
    heap.look();
    heap_timer->start(heap_time, [this] { look_at_heap(); });
  }

  net::IoLoop& main_loop() { return *loops.front(); }

  Problem open_store() {
    if (config.data == "memory") {
      store = store::make_memory_store();
      return {};
    }
    auto folder = !config.data.empty() ? make_folder(config.data, 0700)
                  : system             ? system_data()
                                       : user_data();
    if (!folder) return Err{folder.error()};
    data = *folder;
    auto opened = store::open_sqlite_store(data + "/xbus.db", common::log_store_trouble(log));
    if (!opened) return Err{opened.error().text};
    store = std::move(*opened);
    return {};
  }

  // Accounts from the file that are not there yet.
  Problem add_accounts() {
    if (config.accounts_file.empty()) return {};
    auto accounts = read_accounts(config.accounts_file);
    if (!accounts) return Err{accounts.error()};
    std::map<std::string, bool> there;
    for (const store::Account& account : store->accounts()) there[account.local] = true;
    std::vector<std::future<bool>> writes;
    for (const auto& [name, password] : *accounts) {
      auto jid = xmpp::Jid::make(name, config.domain);
      if (!jid || jid->local().empty())
        return Err{config.accounts_file + ": " + name + " is no account name"};
      if (there.contains(std::string(jid->local()))) continue;
      auto sha1 = xmpp::make_scram_keys(password, xmpp::ScramHash::sha1);
      auto sha256 = xmpp::make_scram_keys(password, xmpp::ScramHash::sha256);
      if (!sha1 || !sha256)
        return Err{config.accounts_file + ": the password of " + name + " cannot be prepared"};
      auto written = std::make_shared<std::promise<bool>>();
      writes.push_back(written->get_future());
      store->put_account({std::string(jid->local()), kept(*sha1), kept(*sha256)},
                         [written](bool ok) { written->set_value(ok); });
    }
    if (writes.empty()) return {};
    // What follows reads the store: wait until they are there.
    for (auto& written : writes)
      if (!written.get()) return Err{config.accounts_file + ": its accounts cannot be stored"};
    log.info("accounts added", {{"count", std::to_string(writes.size())}, {"file", config.accounts_file}});
    return {};
  }

  // Of keys that only a restart changes.
  bool serves_tls() const {
    return !config.listen_tls.empty() || (!config.listen.empty() && !config.plain_loopback);
  }

  Problem load_tls() {
    net::TlsServerOptions options{config.certificate, config.key, config.client_ca};
    if (options.certificate_file.empty()) {
      if (data.empty())
        return Err{std::string("TLS needs a certificate, or a data folder to make one in")};
      auto made = net::make_ca(data + "/tls", config.domain, main_loop().wall());
      if (!made) return Err{made.error()};
      options.certificate_file = made->certificate_file;
      options.key_file = made->key_file;
      log.info(made->made_ca ? "made a certificate authority and a certificate"
               : made->made  ? "made a certificate"
                             : "certificate",
               {{"ca", made->ca_file},
                {"certificate", made->certificate_file},
                {"pin", made->fingerprint}});
    }
    auto context = net::TlsContext::server(options);
    if (!context) return Err{context.error()};
    server->set_tls(*context);
    return {};
  }

  void accept(ListenerKind kind, net::Descriptor socket, net::PeerAddress peer) {
    net::IoLoop& loop = *loops[next_loop++ % loops.size()];
    if (&loop == &main_loop()) {
      return server->accept(net::make_socket(loop, std::move(socket), std::move(peer)), kind, loop);
    }
    loop.post([this, kind, &loop, fd = socket.release(), peer = std::move(peer)] {
      server->accept(net::make_socket(loop, net::Descriptor(fd), peer), kind, loop);
    });
  }

  net::Listener::Accept acceptor(ListenerKind kind) {
    return [this, kind](net::Descriptor socket, net::PeerAddress peer) {
      accept(kind, std::move(socket), std::move(peer));
    };
  }

  Problem listen_on(const ListenAddress& place) {
    auto listener =
        net::Listener::on_address(main_loop(), place.address, acceptor(place.kind), trouble());
    if (!listener) return Err{listener.error()};
    log.info("listening", {{"kind", place.name}, {"address", (*listener)->address().text()}});
    listeners.push_back(std::move(*listener));
    return {};
  }

  // Who may own which service names.
  Result<registry::NamePolicy, std::string> name_policy(const Config& from) const {
    registry::NamePolicy names;
    names.bus_domain = from.domain;
    bool tcp =
        !from.listen.empty() || !from.listen_tls.empty() || !from.plain_loopback_listen.empty();
    bool first = from.claim.empty() ? !tcp && !system : from.claim == "first";
    names.claim = first ? registry::Claim::first : registry::Claim::policy;
    auto given = from.names;
    // The host's own agent is there without being given: nobody else is the user of that name.
    if (system) given.try_emplace("agent", std::vector<std::string>{"xbus-agent"});
    for (const auto& [name, owners] : given) {
      for (const std::string& owner : owners) {
        auto jid = owner.find('@') == std::string::npos ? xmpp::Jid::make(owner, from.domain)
                                                        : xmpp::Jid::parse(owner);
        if (!jid || jid->local().empty()) return Err{"names: \"" + owner + "\" is no account"};
        names.given.emplace_back(name, jid->bare());
      }
    }
    return names;
  }

  static Result<registry::CallerPolicy, std::string> caller_policy(const Config& from) {
    return registry::CallerPolicy::read({.callers = from.callers,
                                         .strict_callers = from.strict_callers,
                                         .name_callers = from.name_callers,
                                         .name_strict_callers = from.name_strict_callers});
  }

  // What the configuration says, as far as that shows without making anything.
  Problem check() {
    auto listen = listen_addresses(config);
    if (!listen) return Err{listen.error()};
    addresses = std::move(*listen);
    if (config.socket == "none" && addresses.empty())
      return Err{std::string("nobody could connect: socket is \"none\", and there is no listener (listen, listen_tls, ...)")};
    if (auto names = name_policy(config); !names) return Err{names.error()};
    if (auto callers = caller_policy(config); !callers) return Err{callers.error()};
    if (auto components = components_of(config); !components) return Err{components.error()};
    return tell_metrics();
  }

  // The registry at services.DOMAIN, and the topics at events.DOMAIN, which go by its names.
  Problem attach_registry() {
    registry::RegistryOptions options;
    options.domain = "services." + config.domain;
    auto names = name_policy(config);
    if (!names) return Err{names.error()};
    options.names = std::move(*names);
    auto callers = caller_policy(config);
    if (!callers) return Err{callers.error()};
    options.callers = std::move(*callers);
    options.is_admin = [bus = server.get()](const xmpp::Jid& jid) { return bus->is_admin(jid); };
    options.log = [log = log](std::string_view event, const common::Log::Fields& fields) { log.debug(event, fields); };
    options.seed = std::random_device{}();
    registry = std::make_unique<registry::Registry>(std::move(options), *store);
    server->attach("services." + config.domain, *registry);
    auto names_of = [&names = *registry](auto member) {
      return [&names, member](std::string_view name, const xmpp::Jid& account) {
        return (names.*member)(name, account);
      };
    };
    server->serve_topics("events." + config.domain,
                         {.owns = names_of(&registry::Registry::owns_name),
                          .owned = [&all = *registry](std::string_view name) { return all.has_owner(name); },
                          .claim = names_of(&registry::Registry::claim_name)});
    return {};
  }

  net::Listener::Trouble trouble() {
    return [this](std::string_view what) {
      log.warn("accept failed", {{"error", std::string(what)}});
    };
  }

  Problem listen_on_socket() {
    if (config.socket == "none") return {};
    auto path = !config.socket.empty() ? Result<std::string, std::string>(config.socket)
                : system               ? system_socket()
                                       : user_socket();
    if (!path) return Err{path.error()};
    auto listener = net::Listener::on_path(main_loop(), *path, system ? 0666 : 0600,
                                           acceptor(ListenerKind::unix_socket), trouble());
    if (!listener) return Err{listener.error()};
    log.info("listening", {{"kind", "unix"}, {"address", *path}});
    listeners.push_back(std::move(*listener));
    return {};
  }

  Problem listen_everywhere() {
    if (auto opened = listen_on_socket(); !opened) return opened;
    for (const ListenAddress& place : addresses) {
      if (auto opened = listen_on(place); !opened) return opened;
    }
    return {};
  }

  // Domain and secret of each component.
  using Components = std::map<std::string, std::string>;
  static Result<Components, std::string> components_of(const Config& from) {
    Components all;
    for (const auto& [name, secret] : from.components) {
      auto jid = xmpp::Jid::parse(name);
      if (!jid || !jid->is_domain()) return Err{"component \"" + name + "\" is no domain"};
      // Who speaks for such a domain speaks for every account, or for the registry.
      for (const char* own : {"", "services.", "events."}) {
        if (jid->str() == own + from.domain)
          return Err{"component \"" + name + "\" is a domain of the bus itself"};
      }
      if (!all.emplace(jid->str(), secret).second)
        return Err{"component \"" + name + "\" is there twice"};
    }
    return all;
  }

  // Whether the files of TLS can be read, where all of them are there already.
  Problem tls_of(const Config& next) const {
    if (!serves_tls()) return {};
    net::TlsServerOptions options{next.certificate, next.key, next.client_ca};
    if (options.certificate_file.empty()) {
      if (!config.certificate.empty()) return {};
      options.certificate_file = data + "/tls/server.pem";
      options.key_file = data + "/tls/server.key";
    }
    auto context = net::TlsContext::server(options);
    if (!context) return Err{context.error()};
    return {};
  }

  // Takes over what has changed in the configuration and can change; all of it or nothing.
  Problem reconfigure() {
    if (!read_again) return {};
    auto read = read_again();
    if (!read) return Err{read.error()};
    Config next = *read;
    keep_fixed_keys(config, next);
    if (next.certificate.empty() != next.key.empty())
      return Err{std::string("certificate and key belong together")};
    auto names = name_policy(next);
    if (!names) return Err{names.error()};
    auto callers = caller_policy(next);
    if (!callers) return Err{callers.error()};
    auto components = components_of(next);
    if (!components) return Err{components.error()};
    auto before = components_of(config);
    if (auto readable = tls_of(next); !readable) return readable;
    std::swap(config, next);
    if (auto added = add_accounts(); !added) {
      std::swap(config, next);
      return added;
    }
    server->configure(options_of(config));
    for (const auto& [domain, secret] : *before) {
      if (!components->contains(domain)) server->forbid_component(domain);
    }
    for (const auto& [domain, secret] : *components) server->allow_component(domain, secret);
    registry->set_policy(std::move(*names), std::move(*callers));
    log.set_level(common::log_level_of(config.log_level).value_or(common::LogLevel::info));
    std::string fixed;
    for (const std::string& key : fixed_keys_changed(as_read, *read))
      fixed += (fixed.empty() ? "" : ", ") + key;
    if (!fixed.empty()) log.warn("these settings change with a restart only", {{"keys", fixed}});
    return {};
  }

  Problem tell_metrics() {
    if (config.metrics.empty()) return {};
    auto listening = net::MetricsServer::listen(main_loop(), config.metrics, [this](MetricsText& text) {
      text.gauge("xbusd_info", "Always 1: which version this is, of which domain.");
      text.add({{"version", XBUS_VERSION}, {"domain", config.domain}}, uint64_t{1});
      text.gauge("xbusd_loops", "Threads that sessions live on.");
      text.add({}, uint64_t{loops.size()});
      server->metrics(text);
      registry::add_metrics(text, registry->numbers());
    });
    if (!listening) return Err{"metrics: " + listening.error()};
    metrics = std::move(*listening);
    log.info("metrics", {{"url", metrics->url()}});
    return {};
  }

  void reload() {
    notify("RELOADING=1");
    bool whole = true;
    if (auto changed = reconfigure(); !changed) {
      whole = false;
      log.error("configuration not reloaded", {{"error", changed.error()}});
    }
    server->reload_accounts();
    if (serves_tls()) {
      // The old certificate stays where the new one cannot be read.
      if (auto loaded = load_tls(); !loaded) {
        whole = false;
        log.error("certificate not reloaded", {{"error", loaded.error()}});
      }
    }
    if (whole) log.info("reloaded");
    notify("READY=1");
  }

  void stop() {
    if (stopping) return;
    stopping = true;
    notify("STOPPING=1");
    log.info("stopping");
    listeners.clear();
    metrics.reset();
    server->drain(10s, [this] {
      for (auto& loop : loops) loop->stop();
    });
  }
};

Daemon::Daemon(Config config, bool system, ReadAgain read_again)
    : parts_(std::make_unique<Parts>()) {
  parts_->log =
      common::Log(common::log_format_of(config.log).value_or(common::LogFormat::text),
                  common::log_level_of(config.log_level).value_or(common::LogLevel::info));
  parts_->as_read = config;
  parts_->read_again = std::move(read_again);
  parts_->config = std::move(config);
  parts_->system = system;
}

Daemon::~Daemon() = default;

Problem Daemon::start() {
  Parts& parts = *parts_;
  Config& config = parts.config;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write
  raise_descriptor_limit();
  auto domain = xmpp::Jid::parse(config.domain);
  if (!domain || !domain->is_domain()) return Err{"\"" + config.domain + "\" is no domain"};
  config.domain = domain->str();
  if (config.certificate.empty() != config.key.empty())
    return Err{std::string("certificate and key belong together")};
  size_t threads = config.threads != 0 ? config.threads : cpus_allowed();
  for (size_t i = 0; i < threads; ++i) parts.loops.push_back(std::make_unique<net::IoLoop>());
  if (auto checked = parts.check(); !checked) return checked;
  if (auto opened = parts.open_store(); !opened) return opened;
  if (auto added = parts.add_accounts(); !added) return added;

  std::vector<net::Loop*> loops;
  for (auto& loop : parts.loops) loops.push_back(loop.get());
  parts.server = std::make_unique<server::Server>(options_of(config), loops, *parts.store, parts.log);
  auto components = Parts::components_of(config);
  if (!components) return Err{components.error()};
  for (const auto& [domain_name, secret] : *components)
    parts.server->allow_component(domain_name, secret);
  if (auto attached = parts.attach_registry(); !attached) return attached;
  if (parts.serves_tls()) {
    if (auto loaded = parts.load_tls(); !loaded) return loaded;
  }
  return parts.listen_everywhere();
}

void Daemon::run() {
  Parts& parts = *parts_;
  parts.main_loop().on_signal({SIGTERM, SIGINT}, [&parts](int) { parts.stop(); });
  parts.main_loop().on_signal({SIGHUP}, [&parts](int) { parts.reload(); });
  for (size_t i = 1; i < parts.loops.size(); ++i) {
    parts.threads.emplace_back([&loop = *parts.loops[i]] { loop.run(); });
  }
  parts.heap_timer = std::make_unique<net::Timer>(parts.main_loop());
  parts.look_at_heap();
  parts.log.info("ready",
                 {{"domain", parts.config.domain}, {"loops", std::to_string(parts.loops.size())}});
  notify("READY=1");
  parts.main_loop().run();
  parts.heap_timer.reset();
  for (std::thread& thread : parts.threads) thread.join();
  parts.server.reset();
  parts.log.info("stopped");
}

}  // namespace xbus::xbusd
