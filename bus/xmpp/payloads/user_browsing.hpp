// User Browsing (XEP-0195): the web page that somebody looks at.
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_browsing = "urn:xmpp:browsing:0";

// All empty: the page was left.
struct UserBrowsing {
  std::string description, keywords, title;
  std::string uri;  // of the page; empty only where all is
  bool operator==(const UserBrowsing&) const = default;
};

xml::Element to_element(const UserBrowsing& user_browsing);
// Errors: other_element, missing or malformed for uri, too_long, too_many.
Result<UserBrowsing, PayloadError> user_browsing_from(const xml::Element& element);

}  // namespace xbus::xmpp
