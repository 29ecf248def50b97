// xbus-agent: this host as a service on the bus.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "services/agent/agent_service.hpp"
#include "services/agent/uptime.hpp"
#include "services/common/command_line.hpp"
#include "services/common/connection.hpp"
#include "services/common/serving.hpp"

namespace {

struct Options {
  xbus::common::Connection connection;
  std::string name = "agent", instance, journal, metrics, log = "text", level = "info";
  std::vector<std::string> admins, allow, processes, logs;
};

std::optional<int> read(int argc, char** argv, Options& options) {
  xbus::common::CommandLine line(
      "xbus-agent", "This host on the bus: interfaces, load, memory, disks, processes, logs.",
      XBUS_VERSION);
  options.connection.add_to(line);
  line.man_section("8");
  line.text("--name", options.name, "the service's name (agent)");
  line.text("--instance", options.instance, "the id of this instance (the host's name)");
  line.texts("--allow", options.allow,
             "JID pattern of who may call; else the accounts of the bus's own domain");
  line.texts("--admin", options.admins,
             "JID pattern of who counts as admin, beside the agent's own account and, on a unix "
             "socket, root");
  line.texts("--allow-processes", options.processes,
             "JID pattern of who may call processes; else admins");
  line.texts("--allow-logs", options.logs, "JID pattern of who may call logs; else admins");
  line.text("--journal", options.journal,
            "a folder of journals that logs reads; else the host's own");
  line.text("--metrics", options.metrics,
            "[ADDRESS:]PORT at which Prometheus finds /metrics; loopback without ADDRESS");
  line.choice("--log", options.log, {"text", "json"}, "form of the log on standard error");
  line.choice("--log-level", options.level, {"debug", "info", "warn", "error"},
              "the least that is logged");
  line.example("xbus-agent", "On this user's bus, or the host's.");
  line.example("xbus-agent --instance web1 --allow-logs '*@bus.example'",
               "By a name of its own, and every account of the bus may read logs.");
  return line.parse(argc, argv);
}

std::optional<xbus::Acl> acl_of(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return std::nullopt;
  xbus::Acl acl(patterns);
  acl.check();  // also where there is no journal, and so no method that it is for
  return acl;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const auto status = read(argc, argv, options)) return *status;
  const xbus::common::Log log(*xbus::common::log_format_of(options.log),
                              *xbus::common::log_level_of(options.level));
  auto connection = options.connection.options();
  if (!connection) {
    log.error("cannot log in", {{"why", connection.error()}});
    return 1;
  }
  try {
    xbus::Service service(options.name);
    service.version(XBUS_VERSION);
    xbus::agent::AgentOptions agent;
    agent.processes = acl_of(options.processes);
    agent.logs = acl_of(options.logs);
    agent.journal = options.journal;
    xbus::agent::add_agent_methods(service, agent);
    if (!options.allow.empty()) service.allow(xbus::Acl(options.allow));
    service.admins(xbus::Acl(options.admins));  // checked now; with its own account once that is known
    xbus::BusOptions bus;
    bus.connection = std::move(*connection);
    // The instance id is the resource.
    bus.connection.resource =
        options.instance.empty() ? xbus::agent::host_name() : options.instance;
    bus.metrics = options.metrics;
    const auto admins = [&](xbus::Bus& online) {
      xbus::Acl acl = xbus::common::default_admins(online, options.connection.kernel_identity());
      for (const std::string& pattern : options.admins) acl.add(pattern);
      service.admins(acl);
    };
    return xbus::common::serve(service, std::move(bus), log, admins);
  } catch (const std::invalid_argument& error) {
    log.error("cannot start", {{"why", error.what()}});
    return 2;
  } catch (const std::exception& error) {
    log.error("cannot start", {{"why", error.what()}});
    return 1;
  }
}
