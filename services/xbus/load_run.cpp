#include "services/xbus/load_run.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace xbus::cli {
namespace {

constexpr auto tick_time = std::chrono::milliseconds(100);

Duration own_cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

LoadRun::LoadRun(net::Loop& loop, Plan plan)
    : loop_(loop), plan_(std::move(plan)), timer_(loop), ticker_(loop) {}

void LoadRun::begin(std::function<void()> finished) {
  finished_ = std::move(finished);
  tree_ = process_tree(plan_.server);
  look();
  if (stopped_) return loop_.post([this] { enter(Phase::finished); });
  enter(Phase::warming);
}

void LoadRun::stop() {
  stopped_ = true;
  if (issuing()) enter(Phase::finished);
}

void LoadRun::look() {
  if (tick_) tick_();
  if (phase_ != Phase::finished) ticker_.start(tick_time, [this] { look(); });
}

void LoadRun::enter(Phase phase) {
  const Phase before = std::exchange(phase_, phase);
  const Time now = loop_.clock();
  if (phase == Phase::warming) {
    since_ = now;
    timer_.start(plan_.warm_up, [this] { enter(Phase::measuring); });
  } else if (phase == Phase::measuring) {
    usage_ = tree_.empty() ? std::nullopt : usage_of(tree_);
    own_cpu_ = own_cpu_time();
    since_ = loop_.clock();
    timer_.start(plan_.time, [this] { enter(Phase::finished); });
  } else {
    timer_.stop();
    until_ = now;
    if (before == Phase::measuring) {
      own_cpu_ = own_cpu_time() - own_cpu_;
      const auto usage = usage_ ? usage_of(tree_) : std::nullopt;
      if (usage) server_cpu_ = usage->cpu - usage_->cpu;
      if (usage) server_bytes_ = usage->resident_bytes;
    } else {
      since_ = now;
    }
    if (auto finished = std::exchange(finished_, nullptr)) finished();
  }
}

void LoadRun::failed(FaultKind outcome) {
  if (first_failure_ == FaultKind::ok) first_failure_ = outcome;
  ++failures_[outcome];
}

uint64_t LoadRun::failed() const {
  uint64_t sum = 0;
  for (const auto& [outcome, count] : failures_) sum += count;
  return sum;
}

double LoadRun::progress() const {
  if (phase_ == Phase::preparing) return 0;
  if (phase_ == Phase::finished) return 1;
  const Duration whole = phase_ == Phase::warming ? plan_.warm_up : plan_.time;
  const double share = whole.count() <= 0 ? 1
                                          : static_cast<double>((loop_.clock() - since_).count()) /
                                                static_cast<double>(whole.count());
  return std::clamp(share, 0.0, 1.0);
}

Duration LoadRun::measured() const {
  if (phase_ == Phase::measuring) return loop_.clock() - since_;
  return phase_ == Phase::finished ? until_ - since_ : Duration{};
}

}  // namespace xbus::cli
