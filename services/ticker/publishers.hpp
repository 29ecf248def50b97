// Who may publish to a source's topic beside the ticker: the list of its file, as affiliations of the topic (XEP-0060
// section 8.9).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/task.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus {
class TopicService;
}

namespace xbus::ticker {

// Accounts as the file has them, as bare JIDs of that bus; what is no JID there is left out.
std::vector<xmpp::Jid> publishers_of(const std::vector<std::string>& accounts, std::string_view bus_domain);

// What is to be asked so that exactly `wanted` are publishers, given the service's <affiliations/>: those of other
// kinds (owners, outcasts) stay as they are. nullopt: nothing is to be changed.
std::optional<xml::Element> changes(const xml::Element& affiliations, const std::vector<xmpp::Jid>& wanted,
                                    const std::string& topic);

// Asks for it. Throws a Fault.
Task<void> allow_publishers(TopicService& service, std::string topic, std::vector<xmpp::Jid> wanted);

}  // namespace xbus::ticker
