// Says which software this is (XEP-0092).
#pragma once
#include "bus/client/client.hpp"
#include "bus/xmpp/software_version.hpp"

namespace xbus::client {

// For as long as the client lives. The feature to say is xmpp::ns_version.
void answer_version(Client& client, xmpp::SoftwareVersion version);

}  // namespace xbus::client
