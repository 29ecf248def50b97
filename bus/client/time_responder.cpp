#include "bus/client/time_responder.hpp"

#include "bus/xmpp/entity_time.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

void answer_time(Client& client, std::chrono::minutes zone) {
  client.on_iq(xmpp::ns_time, [&client, zone](const xml::Element& iq) {
    if (xmpp::is_entity_time_query(iq)) {
      client.send(xmpp::result_for(iq, xmpp::to_element(xmpp::EntityTime{client.loop().wall(), zone})));
    } else if (auto error = xmpp::error_for(iq, xmpp::Condition::bad_request)) {
      client.send(*error);
    }
  });
}

}  // namespace xbus::client
