// User Tune (XEP-0118): what somebody is listening to.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_tune = "http://jabber.org/protocol/tune";

// All empty: nothing is played any more (section 2).
struct UserTune {
  std::string artist, composer;
  std::string date;  // of recording or publication, in any form
  std::string genre;
  std::string language;                        // ISO 639, three letters
  std::optional<std::chrono::seconds> length;  // 0 to 65535
  std::string lyricist, performer;
  std::optional<uint32_t> rating;  // 1, the lowest, to 10
  std::string source;              // the album or station
  std::string title, track, uri;
  bool operator==(const UserTune&) const = default;
};

xml::Element to_element(const UserTune& user_tune);
// Errors: other_element, too_long, too_many, and malformed or out_of_range for length,
// rating and uri.
Result<UserTune, PayloadError> user_tune_from(const xml::Element& element);

}  // namespace xbus::xmpp
