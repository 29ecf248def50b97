// Stanza Forwarding (XEP-0297): a stanza inside another, with when it was sent.
#pragma once
#include <optional>
#include <string_view>

#include "bus/xml/element.hpp"
#include "bus/xmpp/delay.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_forwarded = "urn:xmpp:forward:0";

struct Forwarded {
  xml::Element stanza;  // an iq, a message or a presence, in jabber:client
  std::optional<Delay> delay;
};

xml::Element to_element(const Forwarded& forwarded);
// nullopt for another element, one without exactly one stanza of jabber:client, and one whose stamp
// is no time.
std::optional<Forwarded> forwarded_from(const xml::Element& element);

}  // namespace xbus::xmpp
