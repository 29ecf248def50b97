// Telling systemd how we are, where it asks.
#pragma once

namespace xbus::xbusd {

// "READY=1", "RELOADING=1", "STOPPING=1", or several lines. Does nothing outside of systemd.
void notify(const char* state);

}  // namespace xbus::xbusd
