#include "bus/xmpp/payloads/vcard4.hpp"

#include "bus/limits_payloads.hpp"
#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string vcard(std::string_view inside) {
  return "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>" + std::string(inside) + "</vcard>";
}

Vcard4Value text(std::string_view value, Vcard4Use use = {}) {
  return {.use = std::move(use), .text = std::string(value), .uri = ""};
}
Vcard4Value uri(std::string_view value, Vcard4Use use = {}) {
  return {.use = std::move(use), .text = "", .uri = std::string(value)};
}

// In the manner of the vCard of XEP-0292 section 4.1.1.
TEST(Vcard4, example_of_xep0292) {
  Vcard4 peter;
  peter.full_names = {"Peter Saint-Andre"};
  peter.name.family = "Saint-Andre";
  peter.name.given = "Peter";
  peter.nicknames = {"stpeter", "psa"};
  peter.photos = {uri("http://me.stpeter.im/images/stpeter_oscon.jpg")};
  peter.birthday = std::chrono::year(1966) / 8 / 6;
  Vcard4Address work{{{"work", "voice"}, 1}, {}};
  work.address.ext = "Suite 600";
  work.address.locality = "Denver";
  work.address.code = "80202";
  peter.addresses = {work};
  peter.phones = {uri("tel:+1-303-308-3282", {{"work", "voice"}, 1}),
                  uri("tel:+1-303-555-1212", {{"home"}, {}})};
  peter.positions = {uri("geo:39.59,-105.01")};
  peter.titles = {text("Executive Director")};
  peter.organizations = {text("XMPP Standards Foundation", {{"work"}, {}})};
  peter.urls = {uri("https://stpeter.im/")};
  peter.notes = {"More information about me"};
  peter.gender.sex = "M";
  peter.languages = {"en"};
  peter.emails = {text("stpeter@jabber.org", {{"home"}, {}})};
  peter.impps = {uri("xmpp:stpeter@jabber.org", {{"home"}, {}})};
  peter.keys = {uri("https://stpeter.im/stpeter.asc")};
  expect_read(
      vcard("<fn><text>Peter "
            "Saint-Andre</text></fn><n><surname>Saint-Andre</surname><given>Peter</given><middle/"
            "></n>"
            "<nickname><text>stpeter</text></nickname><nickname><text>psa</text></nickname>"
            "<photo><uri>http://me.stpeter.im/images/stpeter_oscon.jpg</uri></"
            "photo><bday><date>1966-08-06</date></bday>"
            "<adr><parameters><type><text>work</text><text>voice</text></type><pref><integer>1</"
            "integer></pref>"
            "</parameters><ext>Suite 600</ext><locality>Denver</locality><code>80202</code></adr>"
            "<tel><parameters><type><text>work</text><text>voice</text></type><pref><integer>1</"
            "integer></pref>"
            "</parameters><uri>tel:+1-303-308-3282</uri></tel>"
            "<tel><parameters><type><text>home</text></type></parameters><uri>tel:+1-303-555-1212</"
            "uri></tel>"
            "<geo><uri>geo:39.59,-105.01</uri></geo><title><text>Executive Director</text></title>"
            "<org><parameters><type><text>work</text></type></parameters><text>XMPP Standards "
            "Foundation</text></org>"
            "<url><uri>https://stpeter.im/</uri></url><note><text>More information about "
            "me</text></note>"
            "<gender><sex><text>M</text></sex></gender>"
            "<lang><parameters><pref>1</pref></parameters><language-tag>en</language-tag></lang>"
            "<email><parameters><type><text>home</text></type></"
            "parameters><text>stpeter@jabber.org</text></email>"
            "<impp><parameters><type><text>home</text></type></"
            "parameters><uri>xmpp:stpeter@jabber.org</uri></impp>"
            "<key><uri>https://stpeter.im/stpeter.asc</uri></key>"),
      peter, vcard4_from);
  expect_both_ways(vcard(""), Vcard4{}, vcard4_from);
}

TEST(Vcard4, as_rfc6351_writes_it) {
  Vcard4 service;
  service.kind = "application";
  service.full_names = {"calc"};
  service.name.given = "calc";
  service.birthday = std::chrono::year(2003) / 2 / 15;
  service.gender = {"", "it's complicated"};
  Vcard4Address where{{{"work"}, {}}, {}};
  where.address.locality = "Denver";
  service.addresses = {where};
  service.zones = {text("-07:00")};
  service.product = "xbus";
  service.revision = *parse_datetime("1995-10-31T22:27:10Z");
  service.uid.uri = "urn:uuid:1";
  expect_both_ways(
      vcard(
          "<kind><text>application</text></kind><fn><text>calc</text></fn>"
          "<n><surname/><given>calc</given><additional/><prefix/><suffix/></"
          "n><bday><date>20030215</date></bday>"
          "<gender><identity><text>it's complicated</text></identity></gender>"
          "<adr><parameters><type><text>work</text></type></parameters><pobox/><ext/><street/>"
          "<locality>Denver</locality><region/><code/><country/></adr><tz><text>-07:00</text></tz>"
          "<prodid><text>xbus</text></prodid><rev><timestamp>19951031T222710Z</timestamp></rev>"
          "<uid><uri>urn:uuid:1</uri></uid>"),
      service, vcard4_from);
}

TEST(Vcard4, a_birthday_without_year_or_in_words_is_passed_over) {
  expect_read(vcard("<bday><date>--0806</date></bday>"), Vcard4{}, vcard4_from);
  expect_read(vcard("<bday><text>circa 1800</text></bday>"), Vcard4{}, vcard4_from);
}

TEST(Vcard4, what_is_refused) {
  std::string notes;
  for (size_t i = 0; i <= limits::payload_list_max; ++i) notes += "<note><text>x</text></note>";
  expect_refused(vcard4_from,
                 {{"<vcard/>", "another element"},
                  {"<vCard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>", "another element"},
                  {vcard("<bday><date>1966-13-01</date></bday>"), "date: malformed"},
                  {vcard("<rev><timestamp>x</timestamp></rev>"), "timestamp: malformed"},
                  {vcard("<photo><uri>a b</uri></photo>"), "uri: malformed"},
                  {vcard("<tel><parameters><pref><integer>0</integer></pref></parameters></tel>"),
                   "integer: out of range"},
                  {vcard("<tel><parameters><pref><integer>101</integer></pref></parameters></tel>"),
                   "integer: out of range"},
                  {vcard("<note><text>" + std::string(16 * 1024 + 1, 'x') + "</text></note>"),
                   "text: too long"},
                  {vcard(notes), "note: too many"}});
}

}  // namespace
}  // namespace xbus::xmpp
