#include "bus/xmpp/stream_limits.hpp"

#include <charconv>

namespace xbus::xmpp {

namespace {

std::optional<uint64_t> number_in(const xml::Element& parent, std::string_view name) {
  const xml::Element* child = parent.first(name, ns_stream_limits);
  if (!child) return std::nullopt;
  const std::string text = child->text();
  uint64_t value = 0;
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

xml::Element to_element(const StreamLimits& limits) {
  xml::Element element("limits", std::string(ns_stream_limits));
  if (limits.max_bytes) element.add("max-bytes").add_text(std::to_string(*limits.max_bytes));
  if (limits.idle_seconds)
    element.add("idle-seconds").add_text(std::to_string(*limits.idle_seconds));
  return element;
}

StreamLimits stream_limits_from(const xml::Element& limits_or_parent) {
  const xml::Element* limits = limits_or_parent.is("limits", ns_stream_limits)
                                   ? &limits_or_parent
                                   : limits_or_parent.first("limits", ns_stream_limits);
  if (!limits) return {};
  return {.max_bytes = number_in(*limits, "max-bytes"),
          .idle_seconds = number_in(*limits, "idle-seconds")};
}

}  // namespace xbus::xmpp
