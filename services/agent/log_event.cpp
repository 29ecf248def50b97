#include "services/agent/log_event.hpp"

#include <array>
#include <utility>

#include "bus/xmpp/datetime.hpp"

namespace xbus::agent {
namespace {

// XEP-0337 section 5.1, of syslog's words.
std::string_view type_of_priority(std::string_view priority) {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr std::array<Pair, 8> words = {
      Pair{"emerg", "Emergency"}, Pair{"alert", "Alert"},   Pair{"crit", "Critical"},      Pair{"err", "Error"},
      Pair{"warning", "Warning"}, Pair{"notice", "Notice"}, Pair{"info", "Informational"}, Pair{"debug", "Debug"}};
  for (const Pair& pair : words)
    if (pair.first == priority) return pair.second;
  return "Informational";
}

void add_tag(xml::Element& log, const char* name, std::string value, const char* type) {
  xml::Element& tag = log.add("tag");
  tag.set("name", name);
  tag.set("value", std::move(value));
  tag.set("type", type);
}

}  // namespace

xml::Element eventlog_of(const LogEvent& event) {
  xml::Element log("log", std::string(ns_eventlog));
  log.set("timestamp", xmpp::format_datetime(event.line.time));
  log.set("type", std::string(type_of_priority(event.line.priority)));
  if (!event.unit.empty()) log.set("object", event.unit);
  if (!event.line.program.empty()) log.set("module", event.line.program);
  log.add("message").add_text(event.line.message);
  add_tag(log, "host", event.host, "xs:string");
  if (event.line.pid != 0) add_tag(log, "pid", std::to_string(event.line.pid), "xs:int");
  if (event.missed != 0) add_tag(log, "missed", std::to_string(event.missed), "xs:long");
  return log;
}

std::string text_of(const LogEvent& event) {
  std::string out = event.host + ": ";
  if (!event.unit.empty()) out += event.unit + ": ";
  out += "[" + event.line.priority + "] ";
  if (!event.line.program.empty()) out += event.line.program + ": ";
  return out + event.line.message;
}

}  // namespace xbus::agent
