// Dates as feeds write them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"

namespace xbus::atom {

// RFC 3339 (Atom), its shorter forms (W3C-DTF: a year, a month, a day, a time without seconds), and RFC 822 with years
// of two or four digits and the zones it names. nullopt for anything else, or a day that does not exist. A time without
// a zone is taken as UTC.
std::optional<Timestamp> parse_date(std::string_view text);

}  // namespace xbus::atom
