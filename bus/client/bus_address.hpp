// Where a bus is looked for when nobody says, and whether what stands there can be trusted.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bus/net/address.hpp"
#include "bus/result.hpp"

namespace xbus::client {

// What the rules look at.
struct Environment {
  std::string xbus_bus;         // $XBUS_BUS
  std::string xdg_runtime_dir;  // $XDG_RUNTIME_DIR
  uint32_t uid = 0;
};
Environment environment();  // of this process

// The folder of this user's bus: $XDG_RUNTIME_DIR/xbus, or without that /run/xbus-0 for root and /tmp/xbus-UID for
// others.
std::string per_user_folder(const Environment& environment);
std::string per_user_socket(const Environment& environment);
inline constexpr const char* system_socket = "/run/xbus/socket";

// Why the folder's socket is not to be trusted, for a person: it is missing, no folder (a link is none), another
// user's, or open to others. Nothing when it is this user's own with mode 0700.
std::optional<std::string> distrust(const std::string& folder, uint32_t uid);

// The domain that is asked for at an address where nothing else is said: its host, "localhost" where that is this one.
std::string domain_at(const net::Address& address);

// What to try, in this order: `given`, else $XBUS_BUS, else the per-user socket where its folder can be trusted and
// then the system's. Errors are a line for a person.
Result<std::vector<net::Address>, std::string> bus_addresses(const std::string& given,
                                                             const Environment& environment);

}  // namespace xbus::client
