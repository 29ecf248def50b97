#include "bus/xmpp/payloads/geolocation.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

constexpr auto fields = [](auto& in, auto& geolocation) {
  in.decimal("accuracy", geolocation.accuracy, {.least = 0});
  in.decimal("alt", geolocation.alt);
  in.decimal("altaccuracy", geolocation.altaccuracy, {.least = 0});
  in.text("area", geolocation.area);
  in.decimal("bearing", geolocation.bearing, {.least = 0, .most = 360});
  in.text("building", geolocation.building);
  in.text("country", geolocation.country);
  in.text("countrycode", geolocation.countrycode);
  in.text("datum", geolocation.datum);
  in.text("description", geolocation.description);
  in.decimal("error", geolocation.error, {.least = 0});
  in.text("floor", geolocation.floor);
  in.decimal("lat", geolocation.lat, {.least = -90, .most = 90});
  in.text("locality", geolocation.locality);
  in.decimal("lon", geolocation.lon, {.least = -180, .most = 180});
  in.text("postalcode", geolocation.postalcode);
  in.text("region", geolocation.region);
  in.text("regioncode", geolocation.regioncode);
  in.text("room", geolocation.room);
  in.decimal("speed", geolocation.speed, {.least = 0});
  in.text("street", geolocation.street);
  in.text("text", geolocation.text);
  in.time("timestamp", geolocation.timestamp);
  in.zone("tzo", geolocation.tzo);
  in.uri("uri", geolocation.uri);
};

}  // namespace

xml::Element to_element(const Geolocation& geolocation) {
  return write_payload(geolocation, "geoloc", ns_geoloc, fields);
}

Result<Geolocation, PayloadError> geolocation_from(const xml::Element& element) {
  return read_payload<Geolocation>(element, "geoloc", ns_geoloc, fields);
}

}  // namespace xbus::xmpp
