// Answers who manages accounts over the bus: the protocol of admin_payloads.hpp.
#pragma once
#include "bus/server/admin_payloads.hpp"
#include "bus/server/iq.hpp"

namespace xbus::server {

void add_admin(IqHandlers& handlers);

}  // namespace xbus::server
