#include "services/xbusd/notify.hpp"

#ifdef XBUS_HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace xbus::xbusd {

void notify([[maybe_unused]] const char* state) {
#ifdef XBUS_HAVE_SYSTEMD
  sd_notify(0, state);
#endif
}

}  // namespace xbus::xbusd
