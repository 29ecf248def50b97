// JID escaping (XEP-0106): any name as a localpart.
#pragma once
#include <string>
#include <string_view>

namespace xbus::xmpp {

// The ten characters that a localpart cannot hold become \20 \22 \26 \27 \2f \3a \3c \3e \40, and a
// backslash \5c where it would otherwise be read as an escape (section 4.2). A space at either end
// cannot be escaped (section 4.1): such text comes back with the space escaped all the same, and a
// strict peer refuses it.
std::string jid_escape(std::string_view name);

// The inverse, for showing a localpart; what is no escape stays as it is.
std::string jid_unescape(std::string_view local);

}  // namespace xbus::xmpp
