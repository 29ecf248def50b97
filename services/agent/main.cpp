// xbus-agent: this host as a service on the bus.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bus/xmpp/jid.hpp"
#include "services/agent/agent_service.hpp"
#include "services/agent/pushes.hpp"
#include "services/agent/uptime.hpp"
#include "services/common/command_line.hpp"
#include "services/common/connection.hpp"
#include "services/common/serving.hpp"

namespace {

struct Options {
  xbus::common::Connection connection;
  std::string name = "agent", instance, journal, metrics, log = "text", level = "info";
  std::vector<std::string> admins, allow, processes, logs, push;
  std::string alert, push_logs;
  int64_t disk_high = 90, memory_high = 90, load_high = 200;
};

// From the most urgent down, as syslog numbers them.
const std::vector<std::string>& priorities() {
  static const std::vector<std::string> words = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  return words;
}

void add_pushes_to(xbus::common::CommandLine& line, Options& options) {
  line.texts("--push", options.push,
             "topic to publish: link, load, disk, memory, or none; all of them unless said. May stand again");
  line.choice("--push-logs", options.push_logs, priorities(),
              "publish lines of the journal from this priority up on agent/log, which owners and admins alone may read "
              "unless they let others in");
  line.text("--alert", options.alert, "JID that gets a message when a link goes or something is high");
  line.number("--disk-high", options.disk_high, 1, 100, "percent of a disk from which on agent/disk tells it (90)");
  line.number("--memory-high", options.memory_high, 1, 100,
              "percent of the memory in use from which on agent/memory tells it (90)");
  line.number("--load-high", options.load_high, 1, 100'000,
              "load of the last minute, in percent of the processors, from which on agent/load tells it (200)");
  line.details(
      "It publishes by itself what the kernel tells, on the topics NAME/link, NAME/load, NAME/disk and NAME/memory: "
      "changes of interfaces, addresses and routes at once; load, disks and memory when they become high, and when they "
      "are normal again. Several hosts share the topics; each event names its host. Events that could not be published "
      "in time are dropped, oldest first, and the next one says in `missed` how many.");
}

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
  add_pushes_to(line, options);
  line.choice("--log", options.log, {"text", "json"}, "form of the log on standard error");
  line.choice("--log-level", options.level, {"debug", "info", "warn", "error"},
              "the least that is logged");
  line.example("xbus-agent", "On this user's bus, or the host's.");
  line.example("xbus-agent --instance web1 --allow-logs '*@bus.example'",
               "By a name of its own, and every account of the bus may read logs.");
  line.example("xbus-agent --push link --push disk --disk-high 80 --alert alice@localhost",
               "Publishes changes of links and disks that are four fifths full, and tells alice.");
  return line.parse(argc, argv);
}

std::optional<xbus::Acl> acl_of(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return std::nullopt;
  xbus::Acl acl(patterns);
  acl.check();  // also where there is no journal, and so no method that it is for
  return acl;
}

xbus::agent::PushOptions pushes_of(const Options& options) {
  xbus::agent::PushOptions out;
  if (!options.push.empty()) out.topics = options.push;
  std::erase(out.topics, "none");
  const auto& known = xbus::agent::push_topics();
  for (const std::string& topic : out.topics)
    if (std::find(known.begin(), known.end(), topic) == known.end())
      throw std::invalid_argument("--push " + topic + ": there is no such topic");
  if (!options.alert.empty() && !xbus::xmpp::Jid::parse(options.alert))
    throw std::invalid_argument("--alert " + options.alert + " is no JID");
  out.alert = options.alert;
  out.journal = options.journal;
  const auto priority = std::find(priorities().begin(), priorities().end(), options.push_logs);
  if (priority != priorities().end()) out.log_priority = static_cast<int>(priority - priorities().begin());
  out.limits.disk = static_cast<double>(options.disk_high) / 100;
  out.limits.memory = static_cast<double>(options.memory_high) / 100;
  out.limits.load = static_cast<double>(options.load_high) / 100;
  return out;
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
    const xbus::agent::PushOptions pushed = pushes_of(options);
    xbus::agent::add_agent_events(service, pushed);
    if (!options.allow.empty()) service.allow(xbus::Acl(options.allow));
    service.admins(xbus::Acl(options.admins));  // checked now; with its own account once that is known
    xbus::BusOptions bus;
    bus.connection = std::move(*connection);
    // The instance id is the resource.
    bus.connection.resource =
        options.instance.empty() ? xbus::agent::host_name() : options.instance;
    bus.metrics = options.metrics;
    std::optional<xbus::agent::Pushes> pushes;
    const auto before = [&](xbus::Bus& online) {
      xbus::Acl acl = xbus::common::default_admins(online, options.connection.kernel_identity());
      for (const std::string& pattern : options.admins) acl.add(pattern);
      service.admins(acl);
      pushes.emplace(online, service, pushed, log);
    };
    return xbus::common::serve(service, std::move(bus), log, before, [&] { pushes.reset(); });
  } catch (const std::invalid_argument& error) {
    log.error("cannot start", {{"why", error.what()}});
    return 2;
  } catch (const std::exception& error) {
    log.error("cannot start", {{"why", error.what()}});
    return 1;
  }
}
