#include "bus/xmpp/payloads/geolocation.hpp"

#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string geoloc(std::string_view inside) {
  return "<geoloc xmlns='http://jabber.org/protocol/geoloc'>" + std::string(inside) + "</geoloc>";
}

TEST(Geolocation, examples_of_xep0080) {
  Geolocation place;
  place.accuracy = 20;
  place.country = "Italy";
  place.lat = 45.44;
  place.locality = "Venice";
  place.lon = 12.33;
  expect_both_ways(geoloc("<accuracy>20</accuracy><country>Italy</country><lat>45.44</lat>"
                          "<locality>Venice</locality><lon>12.33</lon>"),
                   place, geolocation_from);
  expect_both_ways(geoloc(""), Geolocation{}, geolocation_from);
}

TEST(Geolocation, every_part) {
  Geolocation place;
  place.accuracy = 10;
  place.alt = 1609;
  place.altaccuracy = 10.5;
  place.area = "Central Park";
  place.bearing = 271.25;
  place.building = "The Empire State Building";
  place.country = "United States";
  place.countrycode = "US";
  place.datum = "WGS84";
  place.description = "Bill's house";
  place.error = 290.8882087;
  place.floor = "102";
  place.lat = 39.75;
  place.locality = "New York City";
  place.lon = -104.99;
  place.postalcode = "10118";
  place.region = "New York";
  place.regioncode = "US-NY";
  place.room = "Observatory";
  place.speed = 52.69;
  place.street = "350 Fifth Avenue";
  place.text = "Northwest corner";
  place.timestamp = *parse_datetime("2004-02-19T21:12:00Z");
  place.tzo = -std::chrono::hours(7);
  place.uri = "http://www.esbnyc.com/";
  expect_both_ways(
      geoloc(
          "<accuracy>10</accuracy><alt>1609</alt><altaccuracy>10.5</altaccuracy><area>Central "
          "Park</area>"
          "<bearing>271.25</bearing><building>The Empire State Building</building><country>United "
          "States</country>"
          "<countrycode>US</countrycode><datum>WGS84</datum><description>Bill's house</description>"
          "<error>290.8882087</error><floor>102</floor><lat>39.75</lat><locality>New York "
          "City</locality>"
          "<lon>-104.99</lon><postalcode>10118</postalcode><region>New "
          "York</region><regioncode>US-NY</regioncode>"
          "<room>Observatory</room><speed>52.69</speed><street>350 Fifth "
          "Avenue</street><text>Northwest corner</text>"
          "<timestamp>2004-02-19T21:12:00Z</timestamp><tzo>-07:00</tzo><uri>http://www.esbnyc.com/"
          "</uri>"),
      place, geolocation_from);
}

TEST(Geolocation, the_poles_and_the_date_line_are_places) {
  for (std::string_view text :
       {"<lat>90</lat><lon>180</lon>", "<lat>-90</lat><lon>-180</lon>", "<bearing>0</bearing>",
        "<bearing>360</bearing>", "<alt>-11000</alt>"})
    EXPECT_TRUE(geolocation_from(element(geoloc(text)))) << text;
}

TEST(Geolocation, what_it_does_not_know_is_passed_over) {
  Geolocation place_3;
  place_3.lat = 1;
  expect_read(geoloc("<lat>1</lat><planet>Mars</planet><lat xmlns='urn:other'>x</lat>"), place_3,
              geolocation_from);
}

TEST(Geolocation, what_is_refused) {
  expect_refused(
      geolocation_from,
      {{"<geoloc xmlns='urn:other'/>", "another element"},
       {"<place xmlns='http://jabber.org/protocol/geoloc'/>", "another element"},
       {geoloc("<lat>90.1</lat>"), "lat: out of range"},
       {geoloc("<lon>-180.5</lon>"), "lon: out of range"},
       {geoloc("<bearing>361</bearing>"), "bearing: out of range"},
       {geoloc("<accuracy>-1</accuracy>"), "accuracy: out of range"},
       {geoloc("<speed>-1</speed>"), "speed: out of range"},
       {geoloc("<lat>45,4</lat>"), "lat: malformed"},
       {geoloc("<alt>NaN</alt>"), "alt: malformed"},
       {geoloc("<timestamp>now</timestamp>"), "timestamp: malformed"},
       {geoloc("<tzo>EST</tzo>"), "tzo: malformed"},
       {geoloc("<uri>not a uri</uri>"), "uri: malformed"},
       {geoloc("<text>" + std::string(16 * 1024 + 1, 'x') + "</text>"), "text: too long"}});
}

}  // namespace
}  // namespace xbus::xmpp
