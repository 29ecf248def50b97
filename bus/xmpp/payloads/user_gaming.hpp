// User Gaming (XEP-0196): the game that somebody plays.
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_gaming = "urn:xmpp:gaming:0";

// All empty: the game is over.
struct UserGaming {
  std::string character_name;
  std::string character_profile;  // a URI
  std::string level;
  std::string name;            // of the game; empty only where all is
  std::string server_address;  // a host name or a number
  std::string server_name, uri;
  bool operator==(const UserGaming&) const = default;
};

xml::Element to_element(const UserGaming& user_gaming);
// Errors: other_element, missing for name, malformed for the URIs, too_long, too_many.
Result<UserGaming, PayloadError> user_gaming_from(const xml::Element& element);

}  // namespace xbus::xmpp
