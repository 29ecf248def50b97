// Event Logging (XEP-0337): one line of a log, for machines.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_eventlog = "urn:xmpp:eventlog";

// How bad it is, as in syslog, the least first; and how much that matters.
enum class EventType { debug, informational, notice, warning, error, critical, alert, emergency };
enum class EventLevel { minor, medium, major };

// The words as they are on the wire.
std::string_view word_of(EventType type);
std::string_view word_of(EventLevel level);

struct EventTag {
  std::string name, value;
  std::string type = "xs:string";  // a type of XML Schema; the prefix is only text
  bool operator==(const EventTag&) const = default;
};

struct EventLog {
  Timestamp timestamp;  // when it happened
  EventType type = EventType::informational;
  EventLevel level = EventLevel::minor;
  std::string id;       // of the kind of event, for machines
  std::string object;   // to what it happened
  std::string subject;  // who did it
  std::string facility, module;
  std::string message;         // may have several lines
  std::vector<EventTag> tags;  // up to limits::payload_list_max
  std::string stack_trace;
  bool operator==(const EventLog&) const = default;
};

xml::Element to_element(const EventLog& log);
// Errors: other_element, missing for timestamp, message and the parts of a tag, malformed for
// timestamp, unknown_word for type and level, too_long, too_many.
Result<EventLog, PayloadError> event_log_from(const xml::Element& element);

}  // namespace xbus::xmpp
