// XMPP Ping (XEP-0199).
#pragma once
#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_ping = "urn:xmpp:ping";

// The payload of an iq of type get; the answer is the empty result.
xml::Element ping();
// Whether the iq is a ping request.
bool is_ping(const xml::Element& iq);

}  // namespace xbus::xmpp
