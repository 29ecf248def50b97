// One run of load: warm-up, the time that is measured, and what has come of the calls.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "bus/clock.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/timer.hpp"
#include "rpc/error_table.hpp"
#include "services/xbus/latencies.hpp"
#include "services/xbus/server_usage.hpp"

namespace xbus::cli {

// Who makes the calls asks issuing() before each, and tells how each ended. A call counts as done
// when its answer came inside the measured time; one that failed counts whenever it failed.
class LoadRun {
 public:
  struct Plan {
    Duration warm_up{}, time{};
    std::vector<int> server;  // processes whose CPU is measured, with all below them; may be empty
  };
  enum class Phase : uint8_t { preparing, warming, measuring, finished };

  LoadRun(net::Loop& loop, Plan plan);

  // The connections stand: calls may begin. `finished` comes once, from the loop, when no further
  // call is to be made.
  void begin(std::function<void()> finished);
  // Somebody has seen enough: the measured time ends here. Before begin() it ends everything.
  void stop();
  // Ten times a second while it runs, for who shows it.
  void on_tick(std::function<void()> fn) { tick_ = std::move(fn); }

  Phase phase() const { return phase_; }
  bool issuing() const { return phase_ == Phase::warming || phase_ == Phase::measuring; }
  bool stopped() const { return stopped_; }

  void done(Duration took) {
    if (phase_ == Phase::measuring) latencies_.add(took);
  }
  void failed(FaultKind outcome);

  const Latencies& latencies() const { return latencies_; }
  const std::map<FaultKind, uint64_t>& failures() const { return failures_; }
  // Of the first that failed, else ok.
  FaultKind first_failure() const { return first_failure_; }
  uint64_t failed() const;
  const Plan& plan() const { return plan_; }
  // Of the phase under way, 0 to 1.
  double progress() const;
  Duration measured() const;  // so far
  // Of the processes of the plan and of this one, over the measured time; nothing where there are
  // none, or one has gone.
  std::optional<Duration> server_cpu() const { return server_cpu_; }
  Duration own_cpu() const { return own_cpu_; }
  // Memory of the processes of the plan at the end.
  std::optional<uint64_t> server_bytes() const { return server_bytes_; }

 private:
  void enter(Phase phase);
  void look();

  net::Loop& loop_;
  Plan plan_;
  std::vector<int> tree_;
  std::function<void()> finished_, tick_;
  Phase phase_ = Phase::preparing;
  bool stopped_ = false;
  Time since_{}, until_{};  // of the phase under way, or of the measured time
  net::Timer timer_, ticker_;
  Latencies latencies_;
  std::map<FaultKind, uint64_t> failures_;
  FaultKind first_failure_ = FaultKind::ok;
  std::optional<Usage> usage_;
  std::optional<Duration> server_cpu_;
  std::optional<uint64_t> server_bytes_;
  Duration own_cpu_{};
};

}  // namespace xbus::cli
