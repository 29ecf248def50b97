// Dates and times as XMPP writes them (XEP-0082).
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"

namespace xbus::xmpp {

// The DateTime profile: CCYY-MM-DDThh:mm:ss[.s...]TZD, the zone being "Z" or an offset of at most
// 14 hours. Digits beyond the microsecond are dropped. nullopt for anything else, 24:00:00 and leap
// seconds included.
std::optional<Timestamp> parse_datetime(std::string_view text);
// In UTC. The fraction is written where there is one, without trailing zeros. Years 0000 to 9999.
std::string format_datetime(Timestamp time);

// The Date profile: CCYY-MM-DD, a day that exists.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);
std::string format_date(std::chrono::year_month_day date);

// The Time profile: hh:mm:ss[.s...][TZD].
struct TimeOfDay {
  std::chrono::microseconds since_midnight{};
  std::optional<std::chrono::minutes> zone;  // ahead of UTC
  bool operator==(const TimeOfDay&) const = default;
};
std::optional<TimeOfDay> parse_time(std::string_view text);
std::string format_time(const TimeOfDay& time);

// A zone by itself: "Z", "+hh:mm" or "-hh:mm".
std::optional<std::chrono::minutes> parse_zone(std::string_view text);
std::string format_zone(std::chrono::minutes ahead_of_utc);

}  // namespace xbus::xmpp
