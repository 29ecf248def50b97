// The clock as an argument: protocol code is handed the time, it never asks for it.
#pragma once
#include <chrono>

namespace xbus {

using Duration = std::chrono::nanoseconds;
// A point on the monotonic clock of the loop that hands it out: real, or virtual in a LocalBus.
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// A point on the calendar, UTC, microseconds: what XEP-0082 stamps and Value timestamps hold.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

}  // namespace xbus
