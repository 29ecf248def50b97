// Keeps what is known of a bus up to date, beside whatever else the connection is for.
#pragma once
#include <memory>

#include "bus/clock.hpp"
#include "bus/task.hpp"
#include "rpc/bus.hpp"
#include "services/xbus/known.hpp"

namespace xbus::cli {

struct Refreshed {
  Known known;
  bool changed = false;  // something has come in
  bool stopped = false;  // nobody wants more: the bus is not touched again
};

// Asks the registry who is there, then those services for their description whose hash is not
// known. Never throws; what has come in by then is in `known` at any time.
Task<void> refresh(Bus& bus, std::shared_ptr<Refreshed> target, Duration time_max);

// The same for the topics, which only completion wants to know.
Task<void> refresh_topics(Bus& bus, std::shared_ptr<Refreshed> target, Duration time_max);

}  // namespace xbus::cli
