// User Viewing (XEP-0197): what somebody watches.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_viewing = "urn:xmpp:viewing:0";

// All empty: nothing is watched any more. The element is `video`, as in section 2; the schema says
// `room` by a slip.
struct UserViewing {
  std::string author, cast, channel_name, description;
  std::optional<std::chrono::seconds> duration;  // at least 1
  std::optional<Timestamp> end_time;
  std::string episode, program_name, program_type;
  std::optional<Timestamp> start_time;
  std::string subprogram_type, uri, user_comment;
  std::string user_rating;  // of 10, in any form
  bool operator==(const UserViewing&) const = default;
};

xml::Element to_element(const UserViewing& user_viewing);
// Errors: other_element, too_long, too_many, and malformed or out_of_range for a part
// that is not as its member says.
Result<UserViewing, PayloadError> user_viewing_from(const xml::Element& element);

}  // namespace xbus::xmpp
