// The caller of the plays about failure: calls `work` so many times a second and says of each call
// when it began, when it ended, and how.
#include <xbus/xbus.hpp>

#include <cstdio>

#include "bus/net/timer.hpp"
#include "tests/plays_real/told.hpp"

namespace {

using Clock = std::chrono::steady_clock;

// The monotonic clock in seconds, as Python's time.monotonic() shows it.
double seconds(Clock::time_point at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

struct Load {
  xbus::Bus& bus;
  xbus::net::Timer timer;
  std::string prefix = xbus::interop::told("ID");
  int rate = std::stoi(xbus::interop::told("RATE"));          // calls a second
  int total = std::stoi(xbus::interop::told("CALLS"));        // then it ends
  int busy = std::stoi(xbus::interop::told("MILLISECONDS"));  // each call works so long
  int timeout = std::stoi(xbus::interop::told("TIMEOUT"));    // seconds
  int begun = 0, open = 0;
  Clock::time_point from = Clock::now();
  xbus::Completion<bool> over;

  explicit Load(xbus::Bus& b) : bus(b), timer(b.loop()) {}

  void next() {
    // As many as are due by now, so that a slow moment does not lower the rate.
    while (begun < total &&
           Clock::now() >= from + std::chrono::milliseconds(1000LL * begun / rate)) {
      xbus::spawn(one(begun++));
    }
    if (begun < total) {
      timer.start(std::chrono::milliseconds(1000 / rate), [this] { next(); });
    }
  }

  xbus::Task<void> one(int number) {
    const std::string id = prefix + std::to_string(number);
    const auto started = Clock::now();
    ++open;
    xbus::CallOptions options;
    options.timeout = std::chrono::seconds(timeout);
    std::string outcome, instance;
    try {
      auto call = bus.service("work").with(options).call<std::string>("work", id, busy);
      instance = co_await std::move(call);
      outcome = "ok";
    } catch (const xbus::Fault& fault) {
      outcome = fault.kind_name();
    }
    std::printf("call %s %.4f %.4f %s %s\n", id.c_str(), seconds(started), seconds(Clock::now()),
                outcome.c_str(), instance.empty() ? "-" : instance.c_str());
    std::fflush(stdout);
    if (--open == 0 && begun == total) over.complete(true);
  }
};

}  // namespace

int main() {
  return xbus::run(
      [](xbus::Bus& bus) -> xbus::Task<void> {
        Load load(bus);
        xbus::interop::say("ready " + bus.jid().str());
        load.next();
        co_await load.over;
        xbus::interop::say("done");
      },
      xbus::plays::bus_options());
}
