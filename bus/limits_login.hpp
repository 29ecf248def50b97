// What is kept of limits::connections_prelogin_max, so that who does not log in does not lock out everybody.
#pragma once
#include <cstddef>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t connections_prelogin_per_address_max = 64;  // at once from one address of the network
inline constexpr size_t connections_prelogin_local = 1024;  // for who is on this host, by a unix socket
inline constexpr size_t connections_prelogin_admin = 64;    // of them, for root and the daemon's own user

static_assert(connections_prelogin_admin < connections_prelogin_local);
static_assert(connections_per_address_max + connections_prelogin_local < connections_prelogin_max);
// A few addresses leave room for all others.
static_assert(16 * connections_prelogin_per_address_max < connections_prelogin_max - connections_prelogin_local);

}  // namespace xbus::limits
