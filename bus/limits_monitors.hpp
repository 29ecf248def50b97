// The limits of monitors, each of which costs a look at every stanza; a header of its own, since little else needs them.
#pragma once
#include <cstddef>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t monitors_max = 64;               // of one server
inline constexpr size_t monitors_for_admins = 16;        // of them, that others cannot take
inline constexpr size_t monitors_per_account_max = 8;
inline constexpr size_t monitor_addresses_max = 64;      // that one filter names with <with/>
// That may wait for a monitor; what comes then is left out and counted.
inline constexpr size_t monitor_queue_bytes_max = 2 * stanza_bytes_max;

static_assert(monitors_per_account_max <= monitors_max - monitors_for_admins);
static_assert(monitor_queue_bytes_max <= queue_bytes_per_connection_max);

}  // namespace xbus::limits
