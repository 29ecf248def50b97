// What is told of a User Avatar (XEP-0084 section 4.2); the picture itself is AvatarData.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_avatar_metadata = "urn:xmpp:avatar:metadata";

// One form of the picture.
struct AvatarInfo {
  std::optional<uint32_t> bytes;          // always there in what was read; at least 1
  std::string id;                         // see avatar_id
  std::string type;                       // of content, "image/..." or "video/..."
  std::string url;                        // empty: it is on the data node, as the item `id`
  std::optional<uint32_t> width, height;  // pixels, 1 to 65535
  bool operator==(const AvatarInfo&) const = default;
};

// No infos: the avatar is not shown any more.
struct AvatarMetadata {
  std::vector<AvatarInfo> infos;  // up to limits::payload_list_max
  bool operator==(const AvatarMetadata&) const = default;
};

// The SHA-1 of the picture's bytes in hexadecimal, which is also the id of its item.
std::string avatar_id(std::string_view image);

xml::Element to_element(const AvatarMetadata& metadata);
// A <pointer/> is passed over, and so is <stop/>, by which older clients say that there is no
// avatar. Ids are made lower case. Errors: other_element, missing, malformed, out_of_range,
// too_long, too_many.
Result<AvatarMetadata, PayloadError> avatar_metadata_from(const xml::Element& element);

}  // namespace xbus::xmpp
