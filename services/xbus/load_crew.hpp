// The lines of a run of load, from the first connection to the last answer: callers with so many
// calls in flight each and the echoes that answer them, or sessions that do nothing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bus/net/timer.hpp"
#include "services/xbus/load_line.hpp"
#include "services/xbus/load_run.hpp"
#include "services/xbus/load_server.hpp"

namespace xbus::cli {

class LoadCrew final : private LoadLine::Owner {
 public:
  struct Plan {
    size_t callers = 1, outstanding = 1, echoes = 2;
    size_t idle = 0;  // sessions that do nothing, in place of all those
    size_t payload_bytes = 100;
    Duration patience = std::chrono::seconds(10);  // a call without an answer has failed then
  };

  LoadCrew(LoadServer& server, const Plan& plan, LoadRun& run);
  ~LoadCrew();
  LoadCrew(const LoadCrew&) = delete;
  LoadCrew& operator=(const LoadCrew&) = delete;

  // Connects all of them.
  void start();
  size_t size() const { return place_count_; }
  size_t ready() const { return ready_; }
  bool complete() const { return ready_ == place_count_; }
  // Begins the calls; complete() before it. done() is true when every call has ended or run out of
  // patience, behind the end of the run.
  void begin();
  bool done() const { return done_; }
  // Why a line ended that was needed; the run has been stopped then.
  const std::optional<Fault>& failure() const { return failure_; }

 private:
  struct Call {
    uint64_t id = 0;  // 0: none is under way
    Time begun{};
  };

  void on_ready(LoadLine& line) override;
  void on_answer(LoadLine& line, uint64_t id, FaultKind outcome) override;
  void on_ended(LoadLine& line, const Fault& why) override;

  LoadLine::Place place_of(size_t index) const;
  void connect_more();
  Call& call_at(size_t caller, size_t slot) { return calls_[caller * plan_.outstanding + slot]; }
  void call(size_t caller, size_t slot, Time now);
  void end(Call& call, FaultKind outcome, Time now);
  void sweep();
  void finish_when_idle();

  LoadServer& server_;
  const Plan plan_;
  LoadRun& run_;
  size_t place_count_;
  std::vector<std::unique_ptr<LoadLine>> lines_;  // echoes first, then callers
  std::vector<Call> calls_;
  net::Timer sweeper_;
  size_t ready_ = 0, open_ = 0;
  uint64_t serial_ = 0;
  bool begun_ = false, finishing_ = false, done_ = false;
  std::optional<Fault> failure_;
};

}  // namespace xbus::cli
