// Stream Limits Advertisement (XEP-0478): what a server takes, told in its stream features.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_stream_limits = "urn:xmpp:stream-limits:0";

struct StreamLimits {
  std::optional<uint64_t> max_bytes;     // of one first-level element
  std::optional<uint64_t> idle_seconds;  // without a byte, after which the stream counts as idle
  bool operator==(const StreamLimits&) const = default;
};

xml::Element to_element(const StreamLimits& limits);
// Reads <limits/>, or the stream features (or <bidi/>) that hold one. What is absent or no number
// is not announced.
StreamLimits stream_limits_from(const xml::Element& limits_or_parent);

}  // namespace xbus::xmpp
