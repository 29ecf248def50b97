// Several instances of one service: callers spread over them by themselves, and one that leaves is missed by nobody.
#include <xbus/xbus.hpp>

#include <cstdio>
#include <set>
#include <string>

struct Instance {
  Instance(xbus::net::Loop& loop, const std::string& id) : service("clerk"), bus(loop, options(id)) {
    service.method("who", [id] { return id; }).idempotent();
    service.at_once(8);  // beyond that it says that it is full, and calls go to the others
  }
  // The resource of its connection is the instance's id: `xbus call clerk who --instance ann`.
  static xbus::BusOptions options(const std::string& id) {
    xbus::BusOptions options;
    options.connection.resource = id;
    return options;
  }
  xbus::Task<void> start() {
    co_await bus.connect();
    co_await bus.serve(service);
  }

  xbus::Service service;
  xbus::Bus bus;
};

xbus::Task<void> ask_around(xbus::Bus& bus) {
  std::set<std::string> answered;
  for (int i = 0; i < 100; ++i) answered.insert(co_await bus.service("clerk").call<std::string>("who"));
  for (const std::string& id : answered) std::printf("%s ", id.c_str());
  std::printf("\n");
}

int main() {
  return xbus::run([](xbus::Bus& bus) -> xbus::Task<void> {
    // In life these are programs on several hosts.
    Instance ann(bus.loop(), "ann"), bob(bus.loop(), "bob"), cleo(bus.loop(), "cleo");
    co_await ann.start();
    co_await bob.start();
    co_await cleo.start();
    co_await ask_around(bus);
    co_await bob.bus.close();  // finishes what it works on, takes nothing new
    co_await ask_around(bus);
    co_await ann.bus.close();
    co_await cleo.bus.close();
  });
}
