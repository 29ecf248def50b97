// `xbus-ticker run`: the sources of a file as topics, until it is told to end.
#pragma once
#include "rpc/bus.hpp"
#include "services/common/log.hpp"
#include "services/ticker/config.hpp"

namespace xbus::ticker {

// Connects for as long as it takes and stays until SIGTERM or SIGINT. One process a state folder. Returns the exit
// status: 0, 1 where the folder or the CAs cannot be had, 64 + status of the error table when the bus refuses it.
int run(const Config& config, BusOptions options, const common::Log& log);

}  // namespace xbus::ticker
