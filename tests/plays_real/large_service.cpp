// The service of the plays about large calls: an account's, or with PEER_SECRET that of a component with the domain
// PEER_DOMAIN.
#include <xbus/xbus.hpp>

#include "tests/plays_real/told.hpp"

int main() {
  xbus::Service store("store");
  store.method("size", {"text"}, [](const std::string& text) { return static_cast<int64_t>(text.size()); });
  store.method("text", {"n"}, [](int n) { return std::string(static_cast<size_t>(n), 'x'); });
  store.method("who", [](xbus::Call& call) { return call.caller; });
  store.method("no", []() -> int { throw xbus::Fault(17, "out of paper").detail("tray", "2"); });
  xbus::BusOptions options = xbus::plays::bus_options();
  if (const std::string secret = xbus::interop::told("SECRET"); !secret.empty())
    options = xbus::BusOptions::component(options.connection.address, options.connection.domain, secret);
  return xbus::run(
      [&](xbus::Bus& bus) -> xbus::Task<void> {
        co_await bus.serve(store);
        xbus::interop::say("ready " + bus.jid().str());
        co_await xbus::Completion<bool>();  // until a signal ends the program
      },
      options);
}
