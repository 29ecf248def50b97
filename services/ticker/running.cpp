#include "services/ticker/running.hpp"

#include <signal.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bus/net/io_loop.hpp"
#include "bus/store/file_lock.hpp"
#include "rpc/error_table.hpp"
#include "rpc/fault.hpp"
#include "services/ticker/poller.hpp"

namespace xbus::ticker {
namespace {

constexpr Duration stagger = std::chrono::milliseconds(50);  // so that sources do not all answer at once

struct Stay {
  std::optional<int> status;  // set: the program is at its end
  bool ending = false;
};

Task<void> enter(Bus& bus, std::vector<std::unique_ptr<Poller>>& pollers, const common::Log& log, Stay& stay) {
  try {
    auto connecting = bus.connect();
    co_await std::move(connecting);
    log.info("online", {{"jid", bus.jid().str()}, {"sources", std::to_string(pollers.size())}});
    Duration delay{};
    for (const auto& poller : pollers) poller->start(std::exchange(delay, delay + stagger));
  } catch (const Fault& fault) {
    if (stay.ending) co_return;
    log.error("refused", {{"why", std::string(fault.kind_name())}, {"message", fault.message()}});
    stay.status = exit_status(fault.kind());
  }
}

Task<void> leave(Bus& bus, const common::Log& log, Stay& stay) {
  auto closing = bus.close();
  co_await std::move(closing);
  log.info("left the bus");
  stay.status = 0;
}

}  // namespace

int run(const Config& config, BusOptions options, const common::Log& log) {
  ::signal(SIGPIPE, SIG_IGN);
  const auto folder = state_folder(config);
  if (!folder) {
    log.error("no state", {{"why", folder.error()}});
    return 1;
  }
  const auto lock = store::FileLock::take(*folder + "/lock");
  if (!lock) {
    log.error("no state", {{"why", *folder + ": " + lock.error().text}});
    return 1;
  }
  options.connection.reconnect = true;
  options.patience = BusOptions::Patience::until_there;
  options.log = [log](LogLevel, std::string_view line) { log.info("bus", {{"message", std::string(line)}}); };
  net::IoLoop loop;
  Stay stay;
  options.on_closed = [&](const Fault& fault) {
    if (stay.ending) return;
    log.error("closed", {{"why", std::string(fault.kind_name())}, {"message", fault.message()}});
    stay.status = exit_status(fault.kind());
  };
  http::ClientOptions trust;
  trust.ca_file = config.ca;
  trust.agent = "xbus-ticker/" XBUS_VERSION;
  auto http = http::Client::make(loop, trust);
  if (!http) {
    log.error("no HTTPS", {{"why", http.error()}});
    return 1;
  }
  Bus bus(loop, std::move(options));
  std::vector<std::unique_ptr<Poller>> pollers;
  for (const Source& source : config.sources)
    pollers.push_back(std::make_unique<Poller>(
        Poller::Parts{bus, **http, log, config.service, *folder + "/" + source.name + ".json"}, source));
  loop.on_signal({SIGTERM, SIGINT}, [&](int number) {
    if (std::exchange(stay.ending, true)) {
      stay.status = 128 + number;
      return;
    }
    log.info("ending", {{"signal", std::to_string(number)}});
    spawn(leave(bus, log, stay));
  });
  spawn(enter(bus, pollers, log, stay));
  while (!stay.status) loop.run_until([&] { return stay.status.has_value(); }, limits::call_time_max);
  return *stay.status;
}

}  // namespace xbus::ticker
