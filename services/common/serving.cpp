#include "services/common/serving.hpp"

#include <signal.h>

#include <optional>
#include <string>

#include "bus/net/io_loop.hpp"
#include "bus/net/metrics_server.hpp"
#include "rpc/error_table.hpp"
#include "rpc/fault.hpp"
#include "rpc/service_metrics.hpp"

namespace xbus::common {
namespace {

const char* name_of(client::State state) {
  switch (state) {
    case client::State::connecting:
      return "connecting";
    case client::State::online:
      return "online";
    case client::State::offline:
      return "offline";
    case client::State::closed:
      break;
  }
  return "closed";
}

void tell_why(const Log& log, const std::string& event, const Fault& fault, Log::Fields fields = {}) {
  fields.emplace_back("why", std::string(fault.kind_name()));
  fields.emplace_back("message", fault.message());
  log.error(event, fields);
}

struct Stay {
  std::optional<int> status;  // set: the program is at its end
  bool ending = false;        // it has been told to end
};

// Ends with the fault that refuses the service, or with none.
Task<void> enter(Bus& bus, Service& service, const Log& log,
                 const std::function<void(Bus&)>& before, std::optional<Fault>& refusal) {
  try {
    co_await bus.connect();
    before(bus);
    co_await bus.serve(service);
    log.info("serving", {{"service", service.name()}, {"jid", bus.jid().str()}});
  } catch (const Fault& fault) {
    refusal = fault;
  }
}

Task<void> visit(Bus& bus, Service& service, const Log& log,
                 const std::function<void(Bus&)>& before, Stay& stay) {
  std::optional<Fault> refusal;
  co_await enter(bus, service, log, before, refusal);
  if (!refusal || stay.ending) co_return;
  tell_why(log, "refused", *refusal, {{"service", service.name()}});
  co_await bus.close();
  stay.status = exit_status(refusal->kind());
}

Task<void> leave(Bus& bus, const Log& log, Stay& stay) {
  co_await bus.close();
  log.info("left the bus");
  stay.status = 0;
}

}  // namespace

int serve(Service& service, BusOptions options, const Log& log,
          const std::function<void(Bus&)>& before, const std::function<void()>& after) {
  ::signal(SIGPIPE, SIG_IGN);
  // Anything else that is wrong may be mended while this waits for its bus.
  if (const auto wrong = wrong_address(options.connection.address)) {
    log.error("no bus", {{"why", *wrong}});
    return 2;
  }
  options.connection.reconnect = true;
  options.patience = BusOptions::Patience::until_there;
  options.log = [log](LogLevel level, std::string_view line) {
    log(name_of(level), "bus", {{"message", std::string(line)}});
  };
  options.log_level = log.level();
  options.on_log_level = [log](LogLevel level) {
    log.set_level(level);
    log.info("log level", {{"level", std::string(name_of(level))}});
  };
  net::IoLoop loop;
  Stay stay;
  options.on_closed = [&](const Fault& fault) {
    if (stay.ending) return;
    tell_why(log, "closed", fault);
    stay.status = exit_status(fault.kind());
  };
  std::function<void()> drain;
  options.on_drain = [&] { drain(); };
  const std::string metrics_address = options.metrics;
  {
    Bus bus(loop, std::move(options));
    std::unique_ptr<net::MetricsServer> metrics;
    if (!metrics_address.empty()) {
      auto listening = net::MetricsServer::listen(loop, metrics_address, [&](MetricsText& text) {
        add_metrics(text, {{service.stats(loop.now()), bus.client().state() == client::State::online}});
      });
      if (!listening) {
        log.error("no metrics", {{"why", listening.error()}});
        return 1;
      }
      metrics = std::move(*listening);
      log.info("metrics", {{"url", metrics->url()}});
    }
    bus.client().on_state([log, &client = bus.client()](client::State state) {
      Log::Fields fields = {{"state", name_of(state)}};
      if (client.failure()) fields.emplace_back("why", fault_from(*client.failure()).message());
      log.info("connection", fields);
    });
    drain = [&] {
      if (std::exchange(stay.ending, true)) return;
      log.info("ending", {{"why", "drain"}});
      spawn(leave(bus, log, stay));
    };
    loop.on_signal({SIGTERM, SIGINT}, [&](int number) {
      if (stay.ending) {
        stay.status = 128 + number;
        return;
      }
      stay.ending = true;
      log.info("ending", {{"signal", std::to_string(number)}});
      spawn(leave(bus, log, stay));
    });
    spawn(visit(bus, service, log, before, stay));
    while (!stay.status)
      loop.run_until([&] { return stay.status.has_value(); }, limits::call_time_max);
    if (after) after();
  }
  return *stay.status;
}

Acl default_admins(const Bus& bus, KernelIdentity identity) {
  Acl admins;
  admins.add(bus.jid().bare_str());
  if (identity == KernelIdentity::yes) admins.add("root@" + std::string(bus.jid().domain()));
  return admins;
}

}  // namespace xbus::common
