#include "services/xbus/live_rates.hpp"

#include <array>
#include <cstdio>

#include "services/xbus/table.hpp"

namespace xbus::cli {
namespace {

std::string number(std::optional<double> value, const char* format, double factor = 1) {
  if (!value) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, *value * factor);
  return text.data();
}

}  // namespace

LiveRates::Sample LiveRates::sample_of(Time when, const ServiceStats& stats) {
  Sample sample;
  sample.when = when;
  sample.bounds = stats.bounds;
  sample.latency.resize(stats.bounds.size() + 1);
  for (const MethodStats& method : stats.methods) {
    // What looks after the service is no work of it: asking would show itself.
    if (method.method.starts_with("system.")) continue;
    const auto done = method.outcomes.find("ok");
    sample.calls += method.calls;
    sample.errors += method.calls - (done == method.outcomes.end() ? 0 : done->second);
    for (size_t i = 0; i < method.latency.size() && i < sample.latency.size(); ++i)
      sample.latency[i] += method.latency[i];
  }
  return sample;
}

void LiveRates::live(const std::vector<registry::ServiceInfo>& services) {
  std::map<std::string, Entry> now;
  order_.clear();
  for (const registry::ServiceInfo& service : services) {
    for (const registry::InstanceInfo& instance : service.instances) {
      const std::string jid = instance.jid.str();
      Entry entry = std::move(entries_[jid]);
      entry.row.service = service.name;
      entry.row.instance = instance.id;
      entry.row.state = registry::name_of(instance.state);
      entry.row.version = instance.version;
      entry.row.load = instance.load;
      now[jid] = std::move(entry);
      order_.push_back(jid);
    }
  }
  entries_ = std::move(now);
}

void LiveRates::counted(const std::string& jid, Time when, const ServiceStats& stats) {
  const auto found = entries_.find(jid);
  if (found == entries_.end()) return;
  auto& [row, last] = found->second;
  Sample sample = sample_of(when, stats);
  row.told = true;
  row.running = stats.running;
  row.queued = stats.queued;
  row.calls = row.errors = row.p50 = row.p95 = std::nullopt;
  const double seconds = last ? std::chrono::duration<double>(when - last->when).count() : 0;
  if (last && seconds > 0 && sample.calls >= last->calls && sample.errors >= last->errors &&
      sample.latency.size() == last->latency.size()) {
    row.calls = static_cast<double>(sample.calls - last->calls) / seconds;
    row.errors = static_cast<double>(sample.errors - last->errors) / seconds;
    MethodStats between;
    for (size_t i = 0; i < sample.latency.size(); ++i)
      between.latency.push_back(std::max<int64_t>(0, sample.latency[i] - last->latency[i]));
    row.p50 = between.quantile(sample.bounds, 0.5);
    row.p95 = between.quantile(sample.bounds, 0.95);
  }
  last = std::move(sample);
}

void LiveRates::silent(const std::string& jid) {
  const auto found = entries_.find(jid);
  if (found == entries_.end()) return;
  InstanceRates& row = found->second.row;
  row.told = false;
  row.calls = row.errors = row.p50 = row.p95 = std::nullopt;
  row.running = row.queued = 0;
  found->second.last.reset();
}

std::vector<InstanceRates> LiveRates::rows() const {
  std::vector<InstanceRates> out;
  for (const std::string& jid : order_) out.push_back(entries_.at(jid).row);
  return out;
}

Value to_value(const InstanceRates& row) {
  const auto or_nil = [](std::optional<double> value) { return value ? Value(*value) : Value(); };
  return Value::structure({{"service", row.service},
                           {"instance", row.instance},
                           {"state", row.state},
                           {"load", static_cast<int64_t>(row.load)},
                           {"told", row.told},
                           {"calls", or_nil(row.calls)},
                           {"errors", or_nil(row.errors)},
                           {"p50", or_nil(row.p50)},
                           {"p95", or_nil(row.p95)},
                           {"running", row.told ? Value(row.running) : Value()},
                           {"queued", row.told ? Value(row.queued) : Value()}});
}

std::string rates_view(const std::vector<InstanceRates>& rows, const Terminal& terminal) {
  Table table({{"SERVICE"},
               {"INSTANCE"},
               {"STATE"},
               {"CALLS/S", Align::right},
               {"ERRORS/S", Align::right},
               {"P50 MS", Align::right},
               {"P95 MS", Align::right},
               {"RUNNING", Align::right}});
  for (const InstanceRates& row : rows)
    table.add({row.service, row.instance, row.state, number(row.calls, "%.1f"),
               number(row.errors, "%.1f"), number(row.p50, "%.2f", 1000),
               number(row.p95, "%.2f", 1000), row.told ? std::to_string(row.running) : "-"});
  // A line a row however narrow the terminal is: it is looked at, not read.
  Terminal endless = terminal;
  endless.person = false;
  return table.text(endless);
}

}  // namespace xbus::cli
