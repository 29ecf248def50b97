#include "bus/xmpp/stream_text.hpp"

#include <algorithm>

namespace xbus::xmpp {
namespace {

void attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "='";
  xml::escape_attribute(out, value);
  out += '\'';
}

// The children of an element of the stream namespace, inside its prefixed tags: that namespace is
// always written with the header's prefix (section 4.8.1), which a tree cannot say.
std::string prefixed(std::string_view name, const std::vector<xml::Element>& children) {
  std::string out = "<stream:";
  out += name;
  out += '>';
  for (const auto& child : children) xml::write_to(out, child, xml::ns_client);
  out += "</stream:";
  out += name;
  out += '>';
  return out;
}

// The major part of MAJOR.MINOR, decimal numbers both; nothing when it is something else.
std::optional<size_t> major_version(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == text.size()) return std::nullopt;
  size_t major = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == dot) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    if (i < dot) major = std::min<size_t>(major * 10 + static_cast<size_t>(text[i] - '0'), 1000);
  }
  return major;
}

}  // namespace

std::string stream_header_text(const StreamHeader& header) {
  std::string out = "<?xml version='1.0'?><stream:stream";
  attribute(out, "xmlns", header.content_ns);
  attribute(out, "xmlns:stream", xml::ns_stream);
  if (!header.from.empty()) attribute(out, "from", header.from);
  if (!header.to.empty()) attribute(out, "to", header.to);
  if (!header.id.empty()) attribute(out, "id", header.id);
  if (!header.version.empty()) attribute(out, "version", header.version);
  if (!header.lang.empty()) attribute(out, "xml:lang", header.lang);
  out += '>';
  return out;
}

std::string stream_error_text(const StreamError& error) {
  const xml::Element element = to_element(error);
  std::vector<xml::Element> children;
  for (const auto* child : element.elements()) children.push_back(*child);
  std::string out = prefixed("error", children);
  out += stream_close_tag;
  return out;
}

std::string stream_features_text(const std::vector<xml::Element>& features) {
  return prefixed("features", features);
}

std::string first_level_text(const xml::Element& element, std::string_view content_ns) {
  return xml::write(element, content_ns);
}

std::optional<StreamError> header_fault(const xml::HeaderView& header, std::string_view content_ns,
                                        VersionNeeded version) {
  if (header.ns != xml::ns_stream)
    return stream_error(StreamCondition::invalid_namespace, "not the stream namespace");
  if (header.name != "stream") return stream_error(StreamCondition::bad_format, "not a stream");
  if (header.content_ns != content_ns)
    return stream_error(StreamCondition::invalid_namespace,
                        "content namespace is not " + std::string(content_ns));
  if (version == VersionNeeded::yes && major_version(header.version).value_or(0) < 1)
    return stream_error(StreamCondition::unsupported_version, "version 1.0 is needed");
  return std::nullopt;
}

StreamError stream_error(StreamCondition condition, std::string_view text) {
  StreamError error;
  error.condition = condition;
  error.text = text;
  return error;
}

StreamError error_of_scan(xml::ScanError error) {
  StreamError out = stream_error(stream_condition_of(error));
  switch (error) {
    case xml::ScanError::too_big:
      out.text = "element too big";
      break;
    case xml::ScanError::too_deep:
      out.text = "too many levels or attributes, or a name too long";
      break;
    case xml::ScanError::bad_utf8:
      out.text = "not UTF-8";
      break;
    default:
      break;
  }
  return out;
}

}  // namespace xbus::xmpp
