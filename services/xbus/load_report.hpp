// What a run of load has found, for a program and for a person.
#pragma once
#include <string>

#include "rpc/value.hpp"
#include "services/xbus/load_run.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// What was done; the same words head the JSON and the text.
struct LoadWork {
  std::string work;     // "echo", or "SERVICE METHOD"
  std::string address;  // of the server
  size_t callers = 0, outstanding = 0;
  size_t payload_bytes = 0;  // 0: what the method takes
};

// {work, address, callers, outstanding, payload_bytes, seconds, stopped, calls, rate (calls a
// second), errors, outcomes {KIND: count}, latency_us {least, p50, p90, p99, p999, most, mean},
// server {cpu_seconds, cpu_us_per_call, resident_kib}, own_cpu_us_per_call}. Without --server-pid
// there is no `server`.
Value load_value(const LoadWork& work, const LoadRun& run);

// The same as lines, with the latencies drawn in half octaves.
std::string load_text(const LoadWork& work, const LoadRun& run, const Terminal& terminal);

// One line that fits the terminal: how far the run is, and how fast. `rate` is in calls a second,
// of the last moments.
std::string load_progress(const LoadRun& run, double rate, size_t width);

}  // namespace xbus::cli
