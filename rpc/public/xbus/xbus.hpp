// The one header of a program that uses xbus: services, calls, values, and the program around them.
#pragma once
#include "rpc/bus.hpp"
#include "rpc/bus_thread.hpp"
#include "rpc/call.hpp"
#include "rpc/convert.hpp"
#include "rpc/fault.hpp"
#include "rpc/local_bus.hpp"
#include "rpc/remote.hpp"
#include "rpc/run.hpp"
#include "rpc/service.hpp"
#include "rpc/value.hpp"
