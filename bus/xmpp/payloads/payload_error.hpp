// Why an element is not the payload that it should be.
#pragma once
#include <string>
#include <string_view>

namespace xbus::xmpp {

enum class PayloadFault {
  other_element,  // another name or namespace
  missing,        // a required part is absent or empty
  malformed,      // not of the part's type, or two parts of which there may be one
  out_of_range,
  unknown_word,  // none of the schema's words
  too_long,      // above the part's limit of limits_payloads.hpp
  too_many,      // likewise
};

struct PayloadError {
  PayloadFault fault{};
  std::string_view part;  // a child or an attribute by its name, a literal; empty: the payload
  bool operator==(const PayloadError&) const = default;
};

// For a log, e.g. "lat: out of range".
std::string describe(const PayloadError& error);

}  // namespace xbus::xmpp
