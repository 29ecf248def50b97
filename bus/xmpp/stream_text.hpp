// What both sides of a stream write and check alike: headers, errors, features, namespaces.
// Internal to the stream machines.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "bus/xmpp/error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_tls = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view ns_bind = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view ns_session = "urn:ietf:params:xml:ns:xmpp-session";
inline constexpr std::string_view ns_sasl_channel_binding = "urn:xmpp:sasl-cb:0";

inline constexpr std::string_view stream_close_tag = "</stream:stream>";

// The attributes of a header we send (RFC 6120 section 4.7); an empty one is left out.
struct StreamHeader {
  std::string_view content_ns = xml::ns_client;
  std::string_view from = {};
  std::string_view to = {};
  std::string_view id = {};
  std::string_view lang = {};
  std::string_view version = "1.0";
};

// The XML declaration and the start tag, prefix `stream`, the content namespace as default.
std::string stream_header_text(const StreamHeader& header);
// <stream:error/> and the end of the stream.
std::string stream_error_text(const StreamError& error);
// <stream:features/> with these children.
std::string stream_features_text(const std::vector<xml::Element>& features);
// A first-level element of a stream whose default namespace is `content_ns`.
std::string first_level_text(const xml::Element& element,
                             std::string_view content_ns = xml::ns_client);

enum class VersionNeeded : bool { no, yes };

// Why a received header is refused, whatever its addresses: not a stream, a content namespace that
// is not ours, a version below 1.0 where one is needed (sections 4.8.1, 4.8.2, 4.7.5). Nothing: it
// is fine.
std::optional<StreamError> header_fault(const xml::HeaderView& header, std::string_view content_ns,
                                        VersionNeeded version);

StreamError stream_error(StreamCondition condition, std::string_view text = {});
// The stream error for refused input, with a few words.
StreamError error_of_scan(xml::ScanError error);

}  // namespace xbus::xmpp
