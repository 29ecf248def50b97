// Stats: what a service counts of the calls to it, by method: how they ended, how long they took, what runs and waits.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "rpc/error_table.hpp"
#include "rpc/members.hpp"

namespace xbus {

// Upper bounds of the classes of a latency histogram; what took longer than the last is in one class more.
inline constexpr std::array<Duration, 16> latency_bounds = {
    std::chrono::microseconds(100), std::chrono::microseconds(250),  std::chrono::microseconds(500),
    std::chrono::milliseconds(1),   std::chrono::microseconds(2500), std::chrono::milliseconds(5),
    std::chrono::milliseconds(10),  std::chrono::milliseconds(25),   std::chrono::milliseconds(50),
    std::chrono::milliseconds(100), std::chrono::milliseconds(250),  std::chrono::milliseconds(500),
    std::chrono::seconds(1),        std::chrono::milliseconds(2500), std::chrono::seconds(5),
    std::chrono::seconds(10)};

// Stands for the method in the counters of calls to methods that are not there, and of calls that could not be read.
inline constexpr std::string_view no_method = "-";

// The counters of one method. Written on the service's loop, but for `queued`; plain numbers, so that a call costs a
// few increments.
class MethodRecord {
 public:
  // A call has ended, without having been worked on or after so long.
  void ended(FaultKind outcome) { ++outcomes_[static_cast<size_t>(outcome)]; }
  void ended(FaultKind outcome, Duration took);
  uint64_t ended_as(FaultKind outcome) const { return outcomes_[static_cast<size_t>(outcome)]; }

  uint64_t repeated = 0;  // calls answered from the memory of keys, or together with one that ran
  size_t running = 0;     // handlers at work, those that wait for a thread included
  std::atomic<size_t> queued = 0;  // handlers that wait for a thread; any thread

 private:
  friend struct MethodStats;
  static constexpr size_t outcomes_count = static_cast<size_t>(FaultKind::soap_version) + 1;
  std::array<uint64_t, outcomes_count> outcomes_{};
  std::array<uint64_t, latency_bounds.size() + 1> latency_{};
  Duration time_{};
};

// The same as values, to be sent: numbers since the service was first served, but for those of now.
struct MethodStats {
  std::string method;
  int64_t calls = 0;                        // that have ended
  std::map<std::string, int64_t> outcomes;  // by the name of the row (error_table.hpp); rows that have happened
  int64_t running = 0, queued = 0;          // now
  int64_t repeated = 0;
  double seconds = 0;            // of all calls that were worked on, from arrival to answer
  std::vector<int64_t> latency;  // how many took so long: one number for each bound, then those beyond the last

  static MethodStats of(std::string method, const MethodRecord& record);
  // Nothing has ever happened.
  bool idle() const { return calls == 0 && running == 0 && repeated == 0; }
  // The time, in seconds, within which this share (0 to 1) of the calls was answered, as exactly as the classes tell;
  // nullopt when none was. Beyond the last bound it is that bound.
  std::optional<double> quantile(const std::vector<double>& bounds, double share) const;
};
XBUS_STRUCT(MethodStats, method, calls, outcomes, running, queued, repeated, seconds, latency)

// What system.stats answers.
struct ServiceStats {
  std::string service, version;
  Duration uptime{};                 // since it was first served
  int64_t running = 0, queued = 0;   // now
  std::vector<double> bounds;        // upper bounds of the latency classes in seconds, ascending
  std::vector<MethodStats> methods;  // those that have been called, by name; no_method last

  // As if one running call to the method were not there: the one that asks.
  void leave_out_one(std::string_view method);
};
XBUS_STRUCT(ServiceStats, service, version, uptime, running, queued, bounds, methods)

// latency_bounds in seconds.
std::vector<double> latency_bounds_seconds();

}  // namespace xbus
