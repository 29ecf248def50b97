#include "rpc/run.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "bus/net/io_loop.hpp"
#include "bus/net/metrics_server.hpp"
#include "rpc/service_metrics.hpp"

namespace xbus {

namespace {

constexpr int local_trouble = 1;
constexpr int signal_base = 128;

int told(const Fault& fault) {
  std::fprintf(stderr, "%s\n", fault.what());
  return exit_status(fault.kind());
}

int told(const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return local_trouble;
}

// Runs the task to its end, then the loop's.
Task<void> then_stop(Task<void> task, net::IoLoop& loop, int& status) {
  try {
    co_await std::move(task);
  } catch (const Fault& fault) {
    status = told(fault);
  } catch (const std::exception& error) {
    status = told(error);
  }
  loop.stop();
}

// The services of one program, each on a connection of its own.
class Served {
 public:
  Served(net::IoLoop& loop, const std::vector<Service*>& services, const BusOptions& options)
      : services_(services) {
    for (size_t i = 0; i < services.size(); ++i) {
      BusOptions own = options;
      own.on_drain = [this, i] { spawn(drain(i)); };
      own.on_closed = [this](const Fault& fault) {
        if (on_closed) on_closed(fault);
      };
      buses_.push_back(std::make_unique<Bus>(loop, std::move(own)));
    }
  }
  // Set by whoever runs them: the last of the services has been drained; a connection has ended for good.
  std::function<void()> on_drained;
  std::function<void(const Fault&)> on_closed;

  Task<void> serve() {
    for (size_t i = 0; i < services_.size(); ++i) {
      auto connecting = buses_[i]->connect();
      co_await std::move(connecting);
      auto serving = buses_[i]->serve(*services_[i]);
      co_await std::move(serving);
    }
  }
  void fill(MetricsText& text) const {
    std::vector<ServiceSeen> seen;
    for (size_t i = 0; i < services_.size(); ++i)
      seen.push_back({services_[i]->stats(buses_[i]->loop().now()),
                      buses_[i]->client().state() == client::State::online});
    add_metrics(text, seen);
  }
  Task<void> leave() {
    for (const auto& bus : buses_) {
      auto closing = bus->close();
      co_await std::move(closing);
    }
  }

 private:
  Task<void> drain(size_t i) {
    auto leaving = buses_[i]->leave(*services_[i]);
    co_await std::move(leaving);
    if (++drained_ == buses_.size() && on_drained) on_drained();
  }

  std::vector<Service*> services_;
  std::vector<std::unique_ptr<Bus>> buses_;
  size_t drained_ = 0;
};

// A failure while the program is leaving anyway is none.
Task<void> serve(Served& served, net::IoLoop& loop, const bool& leaving, int& status) {
  try {
    auto serving = served.serve();
    co_await std::move(serving);
    co_return;
  } catch (const Fault& fault) {
    if (!leaving) status = told(fault);
  } catch (const std::exception& error) {
    status = told(error);
  }
  if (!leaving) loop.stop();
}

Task<void> connect_and_run(Bus& bus, std::function<Task<void>(Bus&)>& body) {
  auto connecting = bus.connect();
  co_await std::move(connecting);
  auto running = body(bus);
  co_await std::move(running);
  auto closing = bus.close();
  co_await std::move(closing);
}

}  // namespace

BusOptions bus_options(int argc, char** argv) {
  std::string address, component, metrics;
  const auto take = [&](int& i, std::string_view flag, std::string& value) {
    const std::string_view arg = argv[i];
    if (arg == flag && i + 1 < argc) value = argv[++i];
    if (arg.starts_with(flag) && arg.substr(flag.size()).starts_with('=')) value = arg.substr(flag.size() + 1);
  };
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    take(i, "--bus", address);
    take(i, "--component", component);
    take(i, "--metrics", metrics);
  }
  BusOptions options;
  options.connection.address = address;
  options.metrics = metrics;
  if (component.empty()) return options;
  const char* secret = std::getenv("XBUS_COMPONENT_SECRET");
  if (!secret || !*secret) throw std::invalid_argument("--component needs the secret in $XBUS_COMPONENT_SECRET");
  options = BusOptions::component(address, component, secret);
  options.metrics = metrics;
  return options;
}

int run(Service& service, BusOptions options) { return run(std::vector<Service*>{&service}, std::move(options)); }

int run(std::vector<Service*> services, BusOptions options) {
  net::IoLoop loop;
  int status = 0;
  bool leaving = false;
  {
    Served served(loop, services, options);
    std::unique_ptr<net::MetricsServer> metrics;
    if (!options.metrics.empty()) {
      auto listening = net::MetricsServer::listen(loop, options.metrics, [&](MetricsText& text) { served.fill(text); });
      if (!listening) return told(std::runtime_error("metrics: " + listening.error()));
      metrics = std::move(*listening);
      std::fprintf(stderr, "metrics at %s\n", metrics->url().c_str());
    }
    served.on_drained = [&] {
      if (!std::exchange(leaving, true)) spawn(then_stop(served.leave(), loop, status));
    };
    served.on_closed = [&](const Fault& fault) {
      if (leaving) return;
      status = told(fault);
      loop.stop();
    };
    loop.on_signal({SIGTERM, SIGINT}, [&](int) {
      // The second one does not wait for calls that run.
      if (std::exchange(leaving, true)) return loop.stop();
      spawn(then_stop(served.leave(), loop, status));
    });
    // On the loop, so that stop() is heard by run().
    loop.post([&] { spawn(serve(served, loop, leaving, status)); });
    loop.run();
  }
  return status;
}

int run(std::function<Task<void>(Bus&)> body, BusOptions options) {
  net::IoLoop loop;
  int status = 0;
  {
    Bus bus(loop, std::move(options));
    loop.on_signal({SIGTERM, SIGINT}, [&](int signal) {
      status = signal_base + signal;
      loop.stop();
    });
    loop.post([&] { spawn(then_stop(connect_and_run(bus, body), loop, status)); });
    loop.run();
  }
  return status;
}

}  // namespace xbus
