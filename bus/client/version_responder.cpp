#include "bus/client/version_responder.hpp"

#include <utility>

#include "bus/xmpp/stanza.hpp"

namespace xbus::client {

void answer_version(Client& client, xmpp::SoftwareVersion version) {
  client.on_iq(xmpp::ns_version, [&client, version = std::move(version)](const xml::Element& iq) {
    if (xmpp::is_software_version_query(iq)) {
      client.send(xmpp::result_for(iq, xmpp::to_element(version)));
    } else if (auto error = xmpp::error_for(iq, xmpp::Condition::bad_request)) {
      client.send(*error);
    }
  });
}

}  // namespace xbus::client
