// Telling systemd how we are, where it asks.
#pragma once

namespace xbus::xbusd {

// "READY=1", "RELOADING=1", "STOPPING=1", or several lines (sd_notify(3)), to the socket that $NOTIFY_SOCKET names: a path,
// or a name in the abstract namespace behind "@". Does nothing where there is none. Best effort.
void notify(const char* state);

}  // namespace xbus::xbusd
