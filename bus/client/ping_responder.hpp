// Answers pings (XEP-0199).
#pragma once
#include "bus/client/client.hpp"

namespace xbus::client {

// For as long as the client lives. The feature to say is xmpp::ns_ping.
void answer_ping(Client& client);

}  // namespace xbus::client
