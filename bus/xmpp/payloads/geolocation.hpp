// User Location (XEP-0080): where somebody or something is.
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

inline constexpr std::string_view ns_geoloc = "http://jabber.org/protocol/geoloc";

// All empty: the place is not published any more (section 3).
struct Geolocation {
  std::optional<double> accuracy;     // horizontal error in metres, >= 0
  std::optional<double> alt;          // metres above sea level
  std::optional<double> altaccuracy;  // vertical error in metres, >= 0
  std::string area;
  std::optional<double> bearing;  // degrees from true north, 0 to 360
  std::string building, country;
  std::string countrycode;  // ISO 3166, two letters
  std::string datum;        // empty: WGS84
  std::string description;
  std::optional<double> error;  // horizontal error in arc minutes, >= 0; `accuracy` replaces it
  std::string floor;
  std::optional<double> lat;  // degrees north, -90 to 90
  std::string locality;
  std::optional<double> lon;  // degrees east, -180 to 180
  std::string postalcode, region;
  std::string regioncode;  // ISO 3166-2
  std::string room;
  std::optional<double> speed;  // metres a second, >= 0
  std::string street, text;
  std::optional<Timestamp> timestamp;       // when it was measured
  std::optional<std::chrono::minutes> tzo;  // ahead of UTC, there
  std::string uri;
  bool operator==(const Geolocation&) const = default;
};

xml::Element to_element(const Geolocation& geolocation);
// Errors: other_element, too_long, too_many, and malformed or out_of_range for a part
// that is not as its member says.
Result<Geolocation, PayloadError> geolocation_from(const xml::Element& element);

}  // namespace xbus::xmpp
