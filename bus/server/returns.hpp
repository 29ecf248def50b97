// What a session never got goes back: requests are answered with an error, messages go to the
// account's other resources or wait for it.
#pragma once
#include <cstddef>
#include <deque>
#include <vector>

#include "bus/router/outbox.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/sm.hpp"

namespace xbus::server {

class Hub;

// Both under the lock. A full queue has 100,000 stanzas, so they go in parts (Hub::in_parts), and what
// is left of them stays charged to the account. What is little, as nearly always, goes at once, in order
// with all that follows.

// `pieces` are stanzas in jabber:client, as an Outbox has them; of the first, `written` bytes went out.
// What ends behind those has not arrived. A stanza whose head went out with an earlier piece is lost.
void return_unsent(Hub& hub, const xmpp::Jid& account, std::vector<router::Piece> pieces,
                   size_t written);

// XEP-0198 section 4: as if they had come for a resource that is not there, with the time of the first
// try.
void return_unacked(Hub& hub, const xmpp::Jid& account,
                    std::deque<xmpp::StreamManagement::Kept> stanzas);

}  // namespace xbus::server
