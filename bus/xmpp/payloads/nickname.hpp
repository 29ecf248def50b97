// User Nickname (XEP-0172): the name that somebody wants to be called.
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_nick = "http://jabber.org/protocol/nick";

// Empty: none any more. Who is called that is the nearest `from` around the element (section 3).
struct Nickname {
  std::string name;
  bool operator==(const Nickname&) const = default;
};

xml::Element to_element(const Nickname& nickname);
// Errors: other_element, too_long, too_many.
Result<Nickname, PayloadError> nickname_from(const xml::Element& element);

}  // namespace xbus::xmpp
