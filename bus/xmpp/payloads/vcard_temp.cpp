#include "bus/xmpp/payloads/vcard_temp.hpp"

#include <array>

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

// Indexed by VcardMark and by VcardClass.
constexpr std::array<std::string_view, 19> marks = {
    "HOME", "WORK",  "POSTAL", "PARCEL", "DOM",  "INTL", "VOICE",    "FAX",  "PAGER", "MSG",
    "CELL", "VIDEO", "BBS",    "MODEM",  "ISDN", "PCS",  "INTERNET", "X400", "PREF"};
constexpr std::array<std::string_view, 3> classes = {"PUBLIC", "PRIVATE", "CONFIDENTIAL"};
static_assert(marks.size() == static_cast<size_t>(VcardMark::pref) + 1);
static_assert(classes.size() == static_cast<size_t>(VcardClass::confidential) + 1);

constexpr auto name_fields = [](auto& in, auto& name) {
  in.text("FAMILY", name.family);
  in.text("GIVEN", name.given);
  in.text("MIDDLE", name.additional);
  in.text("PREFIX", name.prefix);
  in.text("SUFFIX", name.suffix);
};

constexpr auto media_fields = [](auto& in, auto& media) {
  in.text("PHONETIC", media.phonetic);
  in.text("TYPE", media.type);
  in.bytes("BINVAL", media.bytes);
  in.uri("EXTVAL", media.uri);
};

constexpr auto address_fields = [](auto& in, auto& entry) {
  in.marks(entry.marks, marks);
  in.text("POBOX", entry.address.pobox);
  in.text("EXTADD", entry.address.ext);
  in.text("STREET", entry.address.street);
  in.text("LOCALITY", entry.address.locality);
  in.text("REGION", entry.address.region);
  in.text("PCODE", entry.address.code);
  in.text("CTRY", entry.address.country);
};

constexpr auto label_fields = [](auto& in, auto& label) {
  in.marks(label.marks, marks);
  in.list("LINE", label.lines, as_own_text);
};

constexpr auto phone_fields = [](auto& in, auto& phone) {
  in.marks(phone.marks, marks);
  in.always("NUMBER", phone.value);  // section 7: empty where there is none
};

constexpr auto email_fields = [](auto& in, auto& email) {
  in.marks(email.marks, marks);
  in.always("USERID", email.value);
};

constexpr auto position_fields = [](auto& in, auto& position) {
  in.decimal("LAT", position.lat, {.least = -90, .most = 90});
  in.decimal("LON", position.lon, {.least = -180, .most = 180});
};

constexpr auto organization_fields = [](auto& in, auto& organization) {
  in.text("ORGNAME", organization.name);
  in.list("ORGUNIT", organization.units, as_own_text);
};

constexpr auto category_fields = [](auto& in, auto& words) {
  in.list("KEYWORD", words, as_own_text);
};

constexpr auto class_fields = [](auto& in, auto& confidentiality) {
  in.choice("CLASS", confidentiality, classes);
};

constexpr auto key_fields = [](auto& in, auto& key) {
  in.text("TYPE", key.type);
  in.text("CRED", key.credential);
};

// In the order of the DTD (section 8).
constexpr auto fields = [](auto& in, auto& vcard) {
  in.text("FN", vcard.full_name);
  in.part("N", vcard.name, name_fields);
  in.text("NICKNAME", vcard.nickname);
  in.part("PHOTO", vcard.photo, media_fields);
  in.date("BDAY", vcard.birthday);
  in.list("ADR", vcard.addresses, address_fields);
  in.list("LABEL", vcard.labels, label_fields);
  in.list("TEL", vcard.phones, phone_fields);
  in.list("EMAIL", vcard.emails, email_fields);
  in.jid("JABBERID", vcard.jid);
  in.text("MAILER", vcard.mailer);
  in.zone("TZ", vcard.zone);
  in.part("GEO", vcard.position, position_fields);
  in.text("TITLE", vcard.title);
  in.text("ROLE", vcard.role);
  in.part("LOGO", vcard.logo, media_fields);
  in.part("ORG", vcard.organization, organization_fields);
  in.part("CATEGORIES", vcard.categories, category_fields);
  in.text("NOTE", vcard.note);
  in.text("PRODID", vcard.product);
  in.time("REV", vcard.revision);
  in.text("SORT-STRING", vcard.sort_string);
  in.part("SOUND", vcard.sound, media_fields);
  in.text("UID", vcard.uid);
  in.uri("URL", vcard.url);
  in.part("CLASS", vcard.confidentiality, class_fields);
  in.part("KEY", vcard.key, key_fields);
  in.text("DESC", vcard.description);
};

}  // namespace

xml::Element to_element(const VcardTemp& vcard) {
  return write_payload(vcard, "vCard", ns_vcard_temp, fields);
}

Result<VcardTemp, PayloadError> vcard_temp_from(const xml::Element& element) {
  return read_payload<VcardTemp>(element, "vCard", ns_vcard_temp, fields);
}

}  // namespace xbus::xmpp
