#include "bus/xmpp/entity_time.hpp"

#include "bus/xmpp/datetime.hpp"

namespace xbus::xmpp {

xml::Element entity_time_query() { return xml::Element("time", std::string(ns_time)); }

bool is_entity_time_query(const xml::Element& iq) {
  return iq.name() == "iq" && iq.attr_or("type", "") == "get" &&
         iq.first("time", ns_time) != nullptr;
}

xml::Element to_element(const EntityTime& time) {
  xml::Element element = entity_time_query();
  // Section 3 shows the zone as an offset even where it is none.
  element.add("tzo").add_text(time.zone.count() == 0 ? "+00:00" : format_zone(time.zone));
  element.add("utc").add_text(format_datetime(time.utc));
  return element;
}

std::optional<EntityTime> entity_time_from(const xml::Element& payload) {
  if (!payload.is("time", ns_time)) return std::nullopt;
  const xml::Element* zone = payload.first("tzo", ns_time);
  const xml::Element* utc = payload.first("utc", ns_time);
  if (!zone || !utc) return std::nullopt;
  auto ahead = parse_zone(zone->text());
  auto time = parse_datetime(utc->text());
  if (!ahead || !time) return std::nullopt;
  return EntityTime{.utc = *time, .zone = *ahead};
}

}  // namespace xbus::xmpp
