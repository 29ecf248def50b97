#include "bus/xmpp/payloads/event_log.hpp"

#include <array>

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

// Indexed by EventType and by EventLevel.
constexpr std::array<std::string_view, 8> types = {"Debug", "Informational", "Notice", "Warning",
                                                   "Error", "Critical",      "Alert",  "Emergency"};
constexpr std::array<std::string_view, 3> levels = {"Minor", "Medium", "Major"};
static_assert(types.size() == static_cast<size_t>(EventType::emergency) + 1);
static_assert(levels.size() == static_cast<size_t>(EventLevel::major) + 1);

constexpr auto tag_fields = [](auto& in, auto& tag) {
  in.look_in(Place::attribute);
  in.required("name", tag.name);
  in.required("value", tag.value);
  in.text("type", tag.type);
};

constexpr auto fields = [](auto& in, auto& log) {
  in.look_in(Place::attribute);
  in.word("type", log.type, types);
  in.word("level", log.level, levels);
  in.text("id", log.id);
  in.text("object", log.object);
  in.text("subject", log.subject);
  in.text("facility", log.facility);
  in.text("module", log.module);
  in.look_in(Place::child);
  in.required("message", log.message);
  in.list("tag", log.tags, tag_fields);
  in.text("stackTrace", log.stack_trace);
};

}  // namespace

std::string_view word_of(EventType type) { return types[static_cast<size_t>(type)]; }
std::string_view word_of(EventLevel level) { return levels[static_cast<size_t>(level)]; }

xml::Element to_element(const EventLog& log) {
  return write_payload(log, "log", ns_eventlog, [](auto& out, const auto& value) {
    out.look_in(Place::attribute);
    out.time("timestamp", value.timestamp);
    fields(out, value);
  });
}

Result<EventLog, PayloadError> event_log_from(const xml::Element& element) {
  return read_payload<EventLog>(element, "log", ns_eventlog, [](auto& in, auto& log) {
    in.look_in(Place::attribute);
    std::optional<Timestamp> timestamp;
    in.time("timestamp", timestamp);
    in.need("timestamp", timestamp.has_value());
    if (timestamp) log.timestamp = *timestamp;
    fields(in, log);
  });
}

}  // namespace xbus::xmpp
