#include "bus/client/ping_responder.hpp"

#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

void answer_ping(Client& client) {
  client.on_iq(xmpp::ns_ping, [&client](const xml::Element& iq) {
    if (xmpp::is_ping(iq)) {
      client.send(xmpp::result_for(iq));
    } else if (auto error = xmpp::error_for(iq, xmpp::Condition::bad_request)) {
      client.send(*error);
    }
  });
}

}  // namespace xbus::client
