// The limits of the payloads that people and devices publish about themselves (bus/xmpp/payloads).
#pragma once
#include <cstddef>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t payload_children_max = 512;       // elements directly inside one element of a payload
inline constexpr size_t payload_list_max = 128;           // addresses, tags, names of one kind
inline constexpr size_t payload_text_bytes_max = 16 * 1024;  // of one text
inline constexpr size_t payload_uri_bytes_max = 2048;
inline constexpr size_t payload_binary_bytes_max = 160 * 1024;  // of one picture or sound, before base64
inline constexpr size_t payload_json_bytes_max = stanza_bytes_assumed;

// A picture passes a server that announces no limit, with as much again as the text of the longest part beside it.
static_assert(payload_binary_bytes_max / 3 * 4 + 2 * payload_text_bytes_max <= stanza_bytes_assumed);

}  // namespace xbus::limits
