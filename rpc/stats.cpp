#include "rpc/stats.hpp"

#include <algorithm>
#include <utility>

namespace xbus {

namespace {

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void MethodRecord::ended(FaultKind outcome, Duration took) {
  ended(outcome);
  const auto bound = std::lower_bound(latency_bounds.begin(), latency_bounds.end(), took);
  ++latency_[static_cast<size_t>(bound - latency_bounds.begin())];
  time_ += took;
}

MethodStats MethodStats::of(std::string method, const MethodRecord& record) {
  MethodStats stats;
  stats.method = std::move(method);
  for (const ErrorRow& row : error_table()) {
    const uint64_t count = record.ended_as(row.kind);
    if (count == 0) continue;
    stats.outcomes.emplace(row.name, static_cast<int64_t>(count));
    stats.calls += static_cast<int64_t>(count);
  }
  stats.running = static_cast<int64_t>(record.running);
  stats.queued = static_cast<int64_t>(record.queued.load(std::memory_order_relaxed));
  stats.repeated = static_cast<int64_t>(record.repeated);
  stats.seconds = xbus::seconds(record.time_);
  stats.latency.assign(record.latency_.begin(), record.latency_.end());
  return stats;
}

std::optional<double> MethodStats::quantile(const std::vector<double>& bounds, double share) const {
  int64_t all = 0;
  for (const int64_t count : latency) all += count;
  if (all <= 0) return {};
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(all);
  double below = 0;
  for (size_t i = 0; i < latency.size() && i < bounds.size(); ++i) {
    const auto here = static_cast<double>(latency[i]);
    if (here > 0 && below + here >= wanted) {
      const double least = i == 0 ? 0 : bounds[i - 1];
      return least + (bounds[i] - least) * std::max(0.0, wanted - below) / here;
    }
    below += here;
  }
  if (bounds.empty()) return {};
  return bounds.back();
}

void ServiceStats::leave_out_one(std::string_view method) {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const MethodStats& each) { return each.method == method; });
  if (found == methods.end() || found->running == 0) return;
  --running;
  --found->running;
  if (found->idle()) methods.erase(found);
}

std::vector<double> latency_bounds_seconds() {
  std::vector<double> out;
  for (const Duration bound : latency_bounds) out.push_back(seconds(bound));
  return out;
}

}  // namespace xbus
