// The server's ad-hoc commands (XEP-0050), for its admins: the counters.
#pragma once
#include <string_view>

#include "bus/server/iq.hpp"

namespace xbus::server {

// The node of the command that shows families() (counters.hpp) in one step.
inline constexpr std::string_view counters_node = "urn:xbus:xbusd:counters";

// Others than admins see no command, and get forbidden.
void add_commands(IqHandlers& handlers);

}  // namespace xbus::server
