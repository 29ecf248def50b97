// The methods by which every service is looked after: system.stats, system.drain, system.logLevel.
#pragma once
#include <functional>
#include <optional>

#include "bus/clock.hpp"
#include "rpc/log_level.hpp"

namespace xbus {

class Service;

// The names of the methods.
//   system.stats() -> ServiceStats (rpc/stats.hpp)
//   system.drain() -> int64: as SIGTERM does: no new calls, those that run are finished, then the service leaves the
//     bus and its program ends. Answered at once with how many calls still run.
//   system.logLevel(level: LogLevel?) -> LogLevel: from now on what is below `level` is not logged; nothing changes
//     without it. Answers the level that holds.
inline constexpr const char* stats_method = "system.stats";
inline constexpr const char* drain_method = "system.drain";
inline constexpr const char* log_level_method = "system.logLevel";

// What stands behind them: the place where the service is served sets it. What is empty is a Fault of kind
// unavailable to the caller.
struct Administration {
  std::function<Time()> now;
  std::function<void()> drain;
  std::function<LogLevel(std::optional<LogLevel>)> log_level;
};

// Adds them, once. The service's admins and the account that it runs under may call them, and only these are told that
// they are there (system.listMethods, system.methodHelp); system.describe is of the service's own methods alone.
void add_administration(Service& service);

}  // namespace xbus
