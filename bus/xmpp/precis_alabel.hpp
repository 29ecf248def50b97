// Domain names as DNS and certificates spell them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace xbus::xmpp::precis {

// The domain in lower-case A-labels (RFC 5890): "münchen.example" is "xn--mnchen-3ya.example". Names that are ASCII
// already are only put in lower case, so that "_xmpp-client._tcp" passes. Nothing for what is no domain name.
std::optional<std::string> to_a_labels(std::string_view domain);

}  // namespace xbus::xmpp::precis
