// A stanza as somebody who watches the bus sees it: one line for a person, JSON for a program, or
// the whole of it.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "rpc/value.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

struct Sighting {
  Timestamp at{};
  xml::Element stanza;
  // Of an answer whose request was seen.
  std::optional<Duration> took = {};
};

// Remembers requests until their answers come, at most limits::pending_calls_max of them.
class Requests {
 public:
  // Notes a request; to an answer adds how long it took.
  void see(Sighting& sighting);
  size_t open() const { return open_.size(); }

 private:
  std::map<std::string, Timestamp> open_;  // by asker, asked and id
};

// "12:00:01.250 iq set ann@localhost/a -> agent@services.localhost load() 1.2 ms": the time in UTC,
// kind and type, from whom to whom, what is in it, how long an answer took. Printable, with a line
// feed, no wider than the terminal of a person.
std::string sighting_line(const Sighting& sighting, const Terminal& terminal);
// {"time", "kind", "type", "from", "to", "id", "payload", "name"} and what it holds of "method",
// "arguments", "value", "fault", "condition", "text", "body", "omitted", "milliseconds".
Value sighting_value(const Sighting& sighting);
// The stanza, an element a line, under its time. Printable.
std::string sighting_xml(const Sighting& sighting, const Terminal& terminal);

}  // namespace xbus::cli
