// Monitors over the bus: answers the iqs of tap_filter.hpp.
#pragma once

namespace xbus::server {

class IqHandlers;

void add_monitor(IqHandlers& handlers);

}  // namespace xbus::server
