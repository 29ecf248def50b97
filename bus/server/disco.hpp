// What the server says of itself and of accounts to service discovery (XEP-0030).
#pragma once
#include "bus/server/iq.hpp"

namespace xbus::server {

// Items of the server are the domains of its components and entities. An account's information is
// for the account itself and for those it lets see its presence; to others it is as if it were not
// there (DISCO-03).
// <c/> for the stream features: what the server's disco#info hashes to (XEP-0115 section 6.3).
std::optional<xml::Element> server_caps(const IqHandlers& handlers);

void add_disco(IqHandlers& handlers);

}  // namespace xbus::server
