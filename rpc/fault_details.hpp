// The details of a fault beside an answer: <details/> in the namespace of calls, for peers that have the feature.
#pragma once
#include "bus/xml/element.hpp"
#include "rpc/fault.hpp"

namespace xbus {

// The detail that stands for those beyond limits::fault_details_max or limits::fault_details_bytes_max: its value is
// their number.
inline constexpr std::string_view details_left_out = "details-left-out";

// Adds <details/> to `parent`; nothing where there are none. Characters that XML cannot carry are shown as '?'.
void write_details(xml::Element& parent, const Fault::Details& details);
// Adds what `parent` holds to the fault, within the same limits.
void read_details(const xml::Element& parent, Fault& fault);

// Text for a fault must always go through, so what XML cannot carry is shown as '?'.
std::string carried(std::string text);

}  // namespace xbus
