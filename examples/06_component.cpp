// A service with a domain of its own: it connects as a component (XEP-0114) to xbusd, ejabberd or Prosody, and is called
// by that domain instead of a name.
//   XBUS_COMPONENT_SECRET=... 06_component --bus tcp://127.0.0.1:5347 --component clock.localhost
#include <xbus/xbus.hpp>

#include <chrono>

int main(int argc, char** argv) {
  xbus::Service clock("clock");
  clock.method("year", [] {
    const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
    return static_cast<int>(today.year());
  }).doc("The year, in UTC.");
  // A caller says bus.entity("clock.localhost").call<int>("year"); any address of the domain is the service's.
  return xbus::run(clock, xbus::bus_options(argc, argv));
}
