// A program around one service: connects, puts it on the bus, stays until it is told to end, then
// drains and leaves.
#pragma once
#include <functional>

#include "rpc/bus.hpp"
#include "rpc/service.hpp"
#include "services/common/connection.hpp"
#include "services/common/log.hpp"

namespace xbus::common {

// Connects for as long as it takes (the bus may start later), calls `before` with the bus that has
// logged in, and serves until SIGTERM or SIGINT; a second one ends it at once. Connection losses
// are mended by themselves. Returns the exit status: 0, or 64 + the gRPC status when it is refused
// (credentials, certificate, name), with an event in the log that says why. `after` is called at the end, whatever
// it is, while the bus and its loop are still there: what else `before` has begun with them ends then.
int serve(Service& service, BusOptions options, const Log& log,
          const std::function<void(Bus&)>& before, const std::function<void()>& after = {});

// The admins of a service that says nothing else: its own account and, on a bus where the kernel
// vouches for accounts, root. On another server anybody may be called root.
Acl default_admins(const Bus& bus, KernelIdentity identity);

}  // namespace xbus::common
