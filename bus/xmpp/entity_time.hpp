// Entity Time (XEP-0202): what a clock elsewhere shows.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_time = "urn:xmpp:time";

struct EntityTime {
  Timestamp utc;
  std::chrono::minutes zone{};  // ahead of UTC
  bool operator==(const EntityTime&) const = default;
};

// The payload of the request, an iq of type get.
xml::Element entity_time_query();
bool is_entity_time_query(const xml::Element& iq);
// The payload of the answer.
xml::Element to_element(const EntityTime& time);
// nullopt unless both the time and the zone are there and right.
std::optional<EntityTime> entity_time_from(const xml::Element& payload);

}  // namespace xbus::xmpp
