// The features of the server that are one answer each: ping, software version, entity time.
#pragma once
#include "bus/server/iq.hpp"

namespace xbus::server {

void add_ping(IqHandlers& handlers);  // XEP-0199, for the server and for accounts
void add_version(
    IqHandlers& handlers);  // XEP-0092, without the operating system: that is nobody's business
void add_time(IqHandlers& handlers);  // XEP-0202, in UTC

}  // namespace xbus::server
