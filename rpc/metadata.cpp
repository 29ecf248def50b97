#include "rpc/metadata.hpp"

#include <algorithm>
#include <charconv>

#include "bus/limits.hpp"

namespace xbus {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view deadline_name = "deadline";

struct TextField {
  std::string_view name;
  std::string Metadata::*member;
};
constexpr TextField text_fields[] = {{"traceparent", &Metadata::traceparent},
                                     {"tracestate", &Metadata::tracestate},
                                     {"key", &Metadata::key},
                                     {"on-behalf-of", &Metadata::on_behalf_of},
                                     {"id", &Metadata::id}};
constexpr std::string_view strict_name = "strict";

std::optional<Duration> read_deadline(std::string_view text) {
  uint64_t left = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), left);
  if (text.empty() || end != text.data() + text.size()) return {};
  constexpr auto most = static_cast<uint64_t>(milliseconds(limits::call_time_max).count());
  if (error == std::errc::result_out_of_range) left = most;
  return milliseconds(std::min(left, most));
}

}  // namespace

void write_metadata(xml::Element& query, const Metadata& metadata) {
  const Duration left = std::clamp(metadata.deadline.value_or(limits::call_time_default), Duration(0),
                                   Duration(limits::call_time_max));
  query.set(deadline_name, ns_call, std::to_string(std::chrono::duration_cast<milliseconds>(left).count()));
  for (const TextField& field : text_fields)
    if (const std::string& text = metadata.*field.member; !text.empty()) query.set(field.name, ns_call, text);
  if (metadata.strict) query.set(strict_name, ns_call, "1");
}

std::optional<Metadata> read_metadata(const xml::Element& query) {
  Metadata metadata;
  if (const std::string* text = query.attr(deadline_name, ns_call)) {
    metadata.deadline = read_deadline(*text);
    if (!metadata.deadline) return {};
  }
  for (const TextField& field : text_fields) {
    const std::string* text = query.attr(field.name, ns_call);
    if (!text) continue;
    if (text->size() > limits::metadata_bytes_max) return {};
    metadata.*field.member = *text;
  }
  metadata.strict = query.attr(strict_name, ns_call) != nullptr;
  return metadata;
}

bool has_metadata(const xml::Element& query) {
  return std::any_of(query.attributes().begin(), query.attributes().end(),
                     [](const xml::Attribute& attribute) { return attribute.ns == ns_call; });
}

}  // namespace xbus
