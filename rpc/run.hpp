// run(): a whole program around a service or a coroutine: the loop, the bus, signals, the exit status.
#pragma once
#include <functional>
#include <vector>

#include "bus/task.hpp"
#include "rpc/bus.hpp"
#include "rpc/service.hpp"

namespace xbus {

// The options of a program: `--bus ADDRESS` and `--metrics [ADDRESS:]PORT` in argv, else as BusOptions says. With
// `--component DOMAIN` it is a component of that domain at ADDRESS, by the secret in $XBUS_COMPONENT_SECRET:
// std::invalid_argument without one.
BusOptions bus_options(int argc, char** argv);

// Serves until SIGTERM or SIGINT, then drains and leaves. Returns the exit status: 0, or 64 + status of the error table
// when it cannot connect, the registry refuses it or its connection ends for good, with a line on stderr.
int run(Service& service, BusOptions options = {});
int run(std::vector<Service*> services, BusOptions options = {});

// Connects, runs the coroutine to its end and leaves. A Fault that comes out of it is a line on stderr and its exit
// status; any other exception is 1. SIGTERM and SIGINT end it early: 128 + signal.
int run(std::function<Task<void>(Bus&)> body, BusOptions options = {});

}  // namespace xbus
