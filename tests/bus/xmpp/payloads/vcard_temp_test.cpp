#include "bus/xmpp/payloads/vcard_temp.hpp"

#include "bus/limits_payloads.hpp"
#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

using enum VcardMark;

std::string vcard(std::string_view inside) {
  return "<vCard xmlns='vcard-temp'>" + std::string(inside) + "</vCard>";
}

// The vCard of XEP-0054 section 3.1.
TEST(VcardTemp, example_of_xep0054) {
  VcardTemp peter;
  peter.full_name = "Peter Saint-Andre";
  peter.name.family = "Saint-Andre";
  peter.name.given = "Peter";
  peter.nickname = "stpeter";
  peter.birthday = std::chrono::year(1966) / 8 / 6;
  VcardAddress at_work{{work}, {}};
  at_work.address.ext = "Suite 600";
  at_work.address.street = "1899 Wynkoop Street";
  at_work.address.locality = "Denver";
  at_work.address.region = "CO";
  at_work.address.code = "80202";
  at_work.address.country = "USA";
  VcardAddress at_home{{home}, {}};
  at_home.address.locality = "Denver";
  at_home.address.country = "USA";
  peter.addresses = {at_work, at_home};
  peter.phones = {
      {{work, voice}, "303-308-3282"}, {{work, fax}, ""}, {{home, voice}, "303-555-1212"}};
  peter.emails = {{{internet, pref}, "stpeter@jabber.org"}};
  peter.jid = *Jid::parse("stpeter@jabber.org");
  peter.title = "Executive Director";
  peter.role = "Patron Saint";
  peter.organization = {"XMPP Standards Foundation", {""}};
  peter.url = "http://www.xmpp.org/xsf/people/stpeter.shtml";
  peter.description = "More information about me is located on my\npersonal website";
  expect_read(
      vcard(
          "<FN>Peter "
          "Saint-Andre</FN><N><FAMILY>Saint-Andre</FAMILY><GIVEN>Peter</GIVEN><MIDDLE/></N>"
          "<NICKNAME>stpeter</NICKNAME><URL>http://www.xmpp.org/xsf/people/stpeter.shtml</URL>"
          "<BDAY>1966-08-06</BDAY><ORG><ORGNAME>XMPP Standards Foundation</ORGNAME><ORGUNIT/></ORG>"
          "<TITLE>Executive Director</TITLE><ROLE>Patron Saint</ROLE>"
          "<TEL><WORK/><VOICE/><NUMBER>303-308-3282</NUMBER></TEL><TEL><WORK/><FAX/><NUMBER/></TEL>"
          "<ADR><WORK/><EXTADD>Suite 600</EXTADD><STREET>1899 Wynkoop Street</STREET>"
          "<LOCALITY>Denver</LOCALITY><REGION>CO</REGION><PCODE>80202</PCODE><CTRY>USA</CTRY></ADR>"
          "<TEL><HOME/><VOICE/><NUMBER>303-555-1212</NUMBER></TEL>"
          "<ADR><HOME/><EXTADD/><STREET/><LOCALITY>Denver</LOCALITY><CTRY>USA</CTRY></ADR>"
          "<EMAIL><INTERNET/><PREF/><USERID>stpeter@jabber.org</USERID></EMAIL>"
          "<JABBERID>stpeter@jabber.org</JABBERID>"
          "<DESC>More information about me is located on my\npersonal website</DESC>"),
      peter, vcard_temp_from);
  expect_both_ways(vcard(""), VcardTemp{}, vcard_temp_from);
}

TEST(VcardTemp, every_other_part_of_the_dtd) {
  VcardTemp all;
  all.name = {"Capulet", "Juliet", "Maria", "Lady", "of Verona"};
  all.photo = {.type = "image/png", .bytes = "hello", .uri = "", .phonetic = ""};
  all.labels = {{{home, postal, dom}, {"Casa di Giulietta", "Verona"}}};
  all.mailer = "xbus";
  all.zone = std::chrono::hours(1);
  all.position = {45.44, 10.99};
  all.logo.uri = "http://example.org/logo.png";
  all.organization = {"Capulet", {"House", "Balcony"}};
  all.categories = {"family", "verona"};
  all.note = "a note";
  all.product = "xbus";
  all.revision = *parse_datetime("2008-04-24T19:52:43Z");
  all.sort_string = "Capulet";
  all.sound.phonetic = "dzhulyet";
  all.uid = "urn:uuid:1";
  all.confidentiality = VcardClass::private_;
  all.key = {"PGP", "0123"};
  expect_both_ways(
      vcard(
          "<N><FAMILY>Capulet</FAMILY><GIVEN>Juliet</GIVEN><MIDDLE>Maria</MIDDLE><PREFIX>Lady</"
          "PREFIX>"
          "<SUFFIX>of "
          "Verona</SUFFIX></N><PHOTO><TYPE>image/png</TYPE><BINVAL>aGVsbG8=</BINVAL></PHOTO>"
          "<LABEL><HOME/><POSTAL/><DOM/><LINE>Casa di Giulietta</LINE><LINE>Verona</LINE></LABEL>"
          "<MAILER>xbus</MAILER><TZ>+01:00</TZ><GEO><LAT>45.44</LAT><LON>10.99</LON></GEO>"
          "<LOGO><EXTVAL>http://example.org/logo.png</EXTVAL></LOGO>"
          "<ORG><ORGNAME>Capulet</ORGNAME><ORGUNIT>House</ORGUNIT><ORGUNIT>Balcony</ORGUNIT></ORG>"
          "<CATEGORIES><KEYWORD>family</KEYWORD><KEYWORD>verona</KEYWORD></CATEGORIES><NOTE>a "
          "note</NOTE>"
          "<PRODID>xbus</PRODID><REV>2008-04-24T19:52:43Z</REV><SORT-STRING>Capulet</SORT-STRING>"
          "<SOUND><PHONETIC>dzhulyet</PHONETIC></SOUND><UID>urn:uuid:1</UID><CLASS><PRIVATE/></"
          "CLASS>"
          "<KEY><TYPE>PGP</TYPE><CRED>0123</CRED></KEY>"),
      all, vcard_temp_from);
}

TEST(VcardTemp, every_mark_by_its_word) {
  size_t seen = 0;
  for (std::string_view word :
       {"HOME", "WORK", "POSTAL", "PARCEL", "DOM", "INTL", "VOICE", "FAX", "PAGER", "MSG", "CELL",
        "VIDEO", "BBS", "MODEM", "ISDN", "PCS", "INTERNET", "X400", "PREF"}) {
    const auto read = vcard_temp_from(
        element(vcard("<TEL><" + std::string(word) + "/><NUMBER>1</NUMBER></TEL>")));
    ASSERT_TRUE(read) << word;
    EXPECT_EQ(read->phones, (std::vector<VcardContact>{{{static_cast<VcardMark>(seen++)}, "1"}}))
        << word;
  }
}

TEST(VcardTemp, versions_and_agents_are_passed_over) {
  VcardTemp plain;
  plain.full_name = "x";
  expect_read(
      "<vCard xmlns='vcard-temp' "
      "version='3.0'><VERSION>2.0</VERSION><FN>x</FN><AGENT><vCard/></AGENT></vCard>",
      plain, vcard_temp_from);
}

TEST(VcardTemp, what_is_refused) {
  std::string phones;
  for (size_t i = 0; i <= limits::payload_list_max; ++i) phones += "<TEL><NUMBER/></TEL>";
  expect_refused(vcard_temp_from,
                 {{"<vcard xmlns='vcard-temp'/>", "another element"},
                  {vcard("<BDAY>last year</BDAY>"), "BDAY: malformed"},
                  {vcard("<TZ>CET</TZ>"), "TZ: malformed"},
                  {vcard("<GEO><LAT>91</LAT><LON>0</LON></GEO>"), "LAT: out of range"},
                  {vcard("<GEO><LAT>0</LAT><LON>east</LON></GEO>"), "LON: malformed"},
                  {vcard("<PHOTO><BINVAL>***</BINVAL></PHOTO>"), "BINVAL: malformed"},
                  {vcard("<JABBERID>@x</JABBERID>"), "JABBERID: malformed"},
                  {vcard("<REV>x</REV>"), "REV: malformed"},
                  {vcard("<URL>a b</URL>"), "URL: malformed"},
                  {vcard("<CLASS><SECRET/></CLASS>"), "CLASS: unknown word"},
                  {vcard("<CLASS><PUBLIC/><PRIVATE/></CLASS>"), "CLASS: malformed"},
                  {vcard(phones), "TEL: too many"}});
}

}  // namespace
}  // namespace xbus::xmpp
