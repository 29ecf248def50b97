// xbus-ticker: feeds as topics, and their titles at a terminal.
#include <cstdio>
#include <string>
#include <vector>

#include "services/common/command_line.hpp"
#include "services/common/connection.hpp"
#include "services/common/key_shape.hpp"
#include "services/common/log.hpp"
#include "services/ticker/config.hpp"
#include "services/ticker/running.hpp"
#include "services/ticker/watching.hpp"

namespace {

struct Options {
  xbus::common::Connection connection;
  std::string config, log = "text", level = "info";
  xbus::ticker::WatchSettings watch;
  int64_t count = 0;
};

xbus::common::ManPage config_page() {
  xbus::common::ManPage page("xbus-ticker.toml", "5", "configuration of xbus-ticker", "xbus " XBUS_VERSION);
  xbus::common::add_keys(page, xbus::ticker::config_keys());
  page.see_also({"xbus-ticker(8)"});
  return page;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  xbus::common::CommandLine line("xbus-ticker", "News on the bus: feeds become topics, one each, ticker/NAME.",
                                 XBUS_VERSION);
  options.connection.add_to(line);
  line.man_page(config_page());
  line.man_section("8");
  line.verb_required();
  line.example("xbus-ticker run --config ticker.toml", "The feeds of a file as topics, until it is told to end.");
  using Need = xbus::common::CommandLine::Need;
  auto& run = line.verb("run", "publish what is new in the feeds of a file");
  run.text("--config", options.config, "the file: sources and who may publish", Need::required);
  run.choice("--log", options.log, {"text", "json"}, "form of the log on standard error");
  run.choice("--log-level", options.level, {"debug", "info", "warn", "error"}, "the least that is logged");
  run.details(
      "Reads Atom and RSS, from files and over HTTP, and publishes each entry as atom:entry once, and again when it "
      "has changed, also "
      "over restarts. What has not changed at a server is not fetched.");
  run.example("xbus-ticker run --config ticker.toml",
              "Until it is told to end; xbus-ticker.toml(5) says what stands in the file.");
  auto& watch = line.verb("watch", "print titles as they come");
  watch.texts("NAME", options.watch.names, "sources to watch; else all there are");
  watch.flag("--all", options.watch.all, "begin with what the topics keep");
  watch.number("--count", options.count, 1, 1'000'000'000, "end after so many");
  watch.flag("--json", options.watch.json, "each as a line of JSON, with id, link, dates and author");
  watch.example("xbus-ticker watch --all", "Every title there is, then each that comes.");
  if (const auto status = line.parse(argc, argv)) return *status;
  const xbus::common::Log log(*xbus::common::log_format_of(options.log), *xbus::common::log_level_of(options.level));
  auto connection = options.connection.options();
  if (!connection) {
    log.error("cannot log in", {{"why", connection.error()}});
    return 1;
  }
  xbus::BusOptions bus;
  bus.connection = std::move(*connection);
  if (watch.given()) {
    options.watch.count = static_cast<uint64_t>(options.count);
    return xbus::ticker::watch(options.watch, std::move(bus));
  }
  const auto config = xbus::ticker::read_config(options.config);
  if (!config) {
    log.error("cannot start", {{"why", config.error()}});
    return 2;
  }
  return xbus::ticker::run(*config, std::move(bus), log);
}
