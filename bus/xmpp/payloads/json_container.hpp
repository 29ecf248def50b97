// JSON Containers (XEP-0335).
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_json = "urn:xmpp:json:0";

struct JsonContainer {
  std::string text;  // not empty; nobody has looked whether it is JSON (RFC 8259)
  bool operator==(const JsonContainer&) const = default;
};

xml::Element to_element(const JsonContainer& json_container);
// Errors: other_element, missing for text of nothing but blanks, malformed for child elements
// (section 4), too_long.
Result<JsonContainer, PayloadError> json_container_from(const xml::Element& element);

}  // namespace xbus::xmpp
