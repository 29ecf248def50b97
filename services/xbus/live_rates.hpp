// What instances of services do per second, from two of their counts (system.stats).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bus/clock.hpp"
#include "rpc/registry/protocol.hpp"
#include "rpc/stats.hpp"
#include "rpc/value.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

struct InstanceRates {
  std::string service, instance, state, version;
  uint32_t load = 0;
  bool told = false;  // it answers those who ask; else only what the registry knows is here
  // Of the time between the last two counts; nothing before there are two.
  std::optional<double> calls, errors;  // a second
  std::optional<double> p50, p95;       // seconds; nothing without calls
  int64_t running = 0, queued = 0;      // now
};

class LiveRates {
 public:
  // Who is there: rows are kept for these instances, in this order.
  void live(const std::vector<registry::ServiceInfo>& services);
  // The instance of that JID counted so, at a time on a steady clock. A count that goes back is
  // that of a program that has begun anew: the next one gives rates again.
  void counted(const std::string& jid, Time when, const ServiceStats& stats);
  // It does not answer, or not to us.
  void silent(const std::string& jid);

  std::vector<InstanceRates> rows() const;

 private:
  struct Sample {
    Time when{};
    int64_t calls = 0, errors = 0;
    std::vector<int64_t> latency;
    std::vector<double> bounds;
  };
  struct Entry {
    InstanceRates row;
    std::optional<Sample> last;
  };
  static Sample sample_of(Time when, const ServiceStats& stats);
  std::vector<std::string> order_;  // JIDs
  std::map<std::string, Entry> entries_;
};

// One row for a program, and all of them for a person.
Value to_value(const InstanceRates& row);
std::string rates_view(const std::vector<InstanceRates>& rows, const Terminal& terminal);

}  // namespace xbus::cli
