// Tells the time (XEP-0202).
#pragma once
#include <chrono>

#include "bus/client/client.hpp"

namespace xbus::client {

// For as long as the client lives; `zone` is ahead of UTC. The feature to say is xmpp::ns_time.
void answer_time(Client& client, std::chrono::minutes zone = {});

}  // namespace xbus::client
