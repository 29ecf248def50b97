// What xbus-registry is told on its command line.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/client/options.hpp"
#include "bus/result.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry_program {

struct Settings {
  std::string server = "tcp://127.0.0.1:5347";  // the server's component port
  std::string domain;                           // of the component: services.DOMAIN
  std::string bus_domain;   // of the accounts; empty: `domain` without its first label
  std::string secret_file;  // else $XBUS_COMPONENT_SECRET
  std::string ca, pin;      // for direct TLS
  std::string data;         // file of the store; empty: $STATE_DIRECTORY or the user's state folder
  std::string claim = "policy";
  std::vector<std::string> admins;   // bare JIDs, or localparts of the bus's domain
  std::vector<std::string> given;    // NAME=JID
  // Patterns of callers, PATTERN of all services or NAME=PATTERN of one, whose own patterns replace those of all.
  std::vector<std::string> callers;         // empty: everyone
  std::vector<std::string> strict_callers;  // of instances that cannot be told who calls; empty: local accounts
  std::string metrics;  // "[ADDRESS:]PORT"
  std::string log = "text", log_level = "info";
};

// What the parts are built with. The error is one line that says what to do.
struct Parts {
  client::Options connection;
  registry::RegistryOptions registry;
};
Result<Parts, std::string> parts_of(const Settings& settings, std::string secret);

// The store's file, its folder made. The error is one line.
Result<std::string, std::string> data_file(const Settings& settings);

}  // namespace xbus::registry_program
