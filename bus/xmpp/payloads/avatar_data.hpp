// The picture of a User Avatar (XEP-0084 section 4.1).
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_avatar_data = "urn:xmpp:avatar:data";

struct AvatarData {
  std::string image;  // bytes, of the type that the metadata says
  bool operator==(const AvatarData&) const = default;
};

xml::Element to_element(const AvatarData& avatar_data);
// Line feeds in the base64 are accepted. Errors: other_element, missing for no picture, malformed,
// too_long.
Result<AvatarData, PayloadError> avatar_data_from(const xml::Element& element);

}  // namespace xbus::xmpp
