// The registry as a component beside a server that is not xbusd.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "bus/client/component.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/metrics_server.hpp"
#include "bus/store/memory_store.hpp"
#include "bus/store/sqlite_store.hpp"
#include "rpc/registry/registry_metrics.hpp"
#include "services/common/command_line.hpp"
#include "services/common/log.hpp"
#include "services/common/password.hpp"
#include "services/common/store_trouble.hpp"
#include "services/registry/settings.hpp"

namespace {

using namespace xbus;

std::optional<int> read(int argc, char** argv, registry_program::Settings& settings) {
  common::CommandLine line(
      "xbus-registry",
      "The registry of an xbus bus on ejabberd, Prosody or any server with XEP-0114.",
      XBUS_VERSION);
  line.man_section("8");
  using Need = common::CommandLine::Need;
  line.text("--server", settings.server,
            "component port: tcp://127.0.0.1:5347, or xmpps://HOST:PORT");
  line.text("--domain", settings.domain, "the component's domain: services.DOMAIN", Need::required);
  line.text("--bus-domain", settings.bus_domain,
            "domain of the accounts (default: --domain without its first label)");
  line.text("--secret-file", settings.secret_file,
            "file whose first line is the component's secret (else $XBUS_COMPONENT_SECRET)");
  line.text("--ca", settings.ca, "trust this CA instead of the system's");
  line.text("--pin", settings.pin, "trust the certificate with this SHA-256 fingerprint");
  line.text("--data", settings.data, "file to keep names and instances in; memory: nowhere");
  line.choice("--claim", settings.claim, {"policy", "first"},
              "who may take a free name: nobody, or the first local account");
  line.texts("--admin", settings.admins, "account that may give names away");
  line.texts("--give", settings.given, "NAME=JID: who owns a name");
  line.texts("--caller", settings.callers,
             "[NAME=]PATTERN: who may see and call services, or that one (default: everyone)");
  line.texts("--strict-caller", settings.strict_callers,
             "[NAME=]PATTERN: who may call instances that cannot be told who calls (default: "
             "accounts of the bus)");
  line.text("--metrics", settings.metrics,
            "[ADDRESS:]PORT at which Prometheus finds /metrics; loopback without ADDRESS");
  line.choice("--log", settings.log, {"text", "json"}, "form of the log on standard error");
  line.choice("--log-level", settings.log_level, {"debug", "info", "warn", "error"},
              "least level logged");
  line.example("xbus-registry --server tcp://127.0.0.1:5347 --domain services.bus.example "
               "--secret-file secret",
               "Beside an XMPP server on this host, for the accounts of bus.example.");
  return line.parse(argc, argv);
}

int fail(const std::string& why) {
  std::fprintf(stderr, "xbus-registry: %s\n", why.c_str());
  return 1;
}

Result<std::string, std::string> secret_of(const registry_program::Settings& settings) {
  if (!settings.secret_file.empty()) return common::password_from_file(settings.secret_file);
  const char* secret = std::getenv("XBUS_COMPONENT_SECRET");
  std::string out = secret ? secret : "";
  unsetenv("XBUS_COMPONENT_SECRET");
  return out;
}

std::string why(const xmpp::LoginError& error) {
  if (error.kind == xmpp::LoginError::Kind::stream_error && error.text.empty())
    return std::string(name_of(error.stream));
  return error.text;
}

Task<void> supervise(client::Component& component, net::IoLoop& loop, const common::Log& log,
                     const std::string& domain, int& status) {
  auto connected = co_await component.connect();
  if (!connected) {
    log.error("cannot connect", {{"domain", domain}, {"why", why(connected.error())}});
    status = 1;
    loop.stop();
  }
}

Task<void> leave(client::Component& component, net::IoLoop& loop) {
  co_await component.close();
  loop.stop();
}

}  // namespace

int main(int argc, char** argv) {
  registry_program::Settings settings;
  if (auto status = read(argc, argv, settings)) return *status;
  auto secret = secret_of(settings);
  if (!secret) return fail(secret.error());
  auto parts = registry_program::parts_of(settings, std::move(*secret));
  if (!parts) return fail(parts.error());
  const common::Log log(*common::log_format_of(settings.log),
                        *common::log_level_of(settings.log_level));

  net::IoLoop loop;  // outlives the store, which tells it what has been written
  std::unique_ptr<store::Store> store;
  if (settings.data == "memory") {
    store = store::make_memory_store();
  } else {
    auto file = registry_program::data_file(settings);
    if (!file) return fail(file.error());
    auto opened = store::open_sqlite_store(*file, common::log_store_trouble(log));
    if (!opened) return fail("cannot open " + *file + ": " + opened.error().text);
    store = std::move(*opened);
  }

  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  parts->registry.seed = std::random_device{}();
  parts->registry.log = [log](std::string_view event, const common::Log::Fields& fields) { log.debug(event, fields); };
  const std::string domain = parts->registry.domain;
  registry::Registry registry(std::move(parts->registry), *store);
  client::Component component(loop, std::move(parts->connection), registry);
  int status = 0;
  component.client().on_state([&](client::State state) {
    if (state == client::State::online) log.info("registry is up", {{"domain", domain}});
    const auto& failure = component.client().failure();
    if (state == client::State::offline && failure)
      log.warn("no server", {{"domain", domain}, {"why", why(*failure)}});
    if (state != client::State::closed || !failure) return;
    log.error("closed", {{"domain", domain}, {"why", why(*failure)}});
    status = 1;
    loop.stop();
  });
  std::unique_ptr<net::MetricsServer> metrics;
  if (!settings.metrics.empty()) {
    auto listening = net::MetricsServer::listen(loop, settings.metrics, [&](MetricsText& text) {
      text.gauge("xbus_registry_connected", "1 while connected to the server.");
      text.add({}, uint64_t{component.client().state() == client::State::online});
      registry::add_metrics(text, registry.numbers());
    });
    if (!listening) return fail("metrics: " + listening.error());
    metrics = std::move(*listening);
    log.info("metrics", {{"url", metrics->url()}});
  }
  loop.on_signal({SIGTERM, SIGINT}, [&](int) { spawn(leave(component, loop)); });
  spawn(supervise(component, loop, log, domain, status));
  loop.run();
  return status;
}
