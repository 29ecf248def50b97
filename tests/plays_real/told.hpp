// How the plays' own programs reach the bus: the same PEER_ variables that foreign peers are told.
#pragma once
#include "rpc/bus.hpp"
#include "tests/interop/told.hpp"

namespace xbus::plays {

inline BusOptions bus_options() {
  BusOptions options;
  options.connection.address = interop::told("BUS");
  options.connection.account = interop::told("ACCOUNT");
  options.connection.password = interop::told("PASSWORD");
  options.connection.resource = interop::told("RESOURCE");
  options.connection.domain = interop::told("DOMAIN");
  options.connection.ca_file = interop::told("CA_FILE");
  options.resume = interop::told("RESUME") != "no";
  return options;
}

}  // namespace xbus::plays
