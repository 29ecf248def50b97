// Structs and enums are values of the bus by one line each; what is wrong with an argument is the caller's fault, and
// told before the handler runs.
#include <xbus/xbus.hpp>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

enum class Sky { clear, cloudy, rain };
XBUS_ENUM(Sky, clear, cloudy, rain)

struct Day {
  std::string name;
  Sky sky;
  std::optional<double> rain_mm;
};
XBUS_STRUCT(Day, name, sky, rain_mm)

int main() {
  xbus::Service forecast("forecast");
  forecast
      .method("days", {"city", "count"},
              [](std::string city, unsigned count) {
                if (city.empty()) throw xbus::Fault(xbus::Fault::Kind::not_found, "which city?");
                std::vector<Day> days(count, Day{"a day in " + city, Sky::clear, {}});
                if (count > 1) days[1] = Day{"another", Sky::rain, 4.5};
                return days;
              })
      .doc("What the sky does.");

  // A bus inside this process, as in a unit test: no socket, no server to start.
  xbus::LocalBus bus;
  bus.serve(forecast);
  for (const Day& day : bus.call<std::vector<Day>>("forecast", "days", std::string("Berlin"), 2u))
    std::printf("%s: %s\n", day.name.c_str(), day.sky == Sky::rain ? "rain" : "dry");
  try {
    bus.call<std::vector<Day>>("forecast", "days", std::string("Berlin"), -1);
  } catch (const xbus::Fault& fault) {
    std::printf("%s\n", std::string(fault.kind_name()).c_str());
  }
}
