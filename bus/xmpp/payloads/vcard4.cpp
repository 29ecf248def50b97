#include "bus/xmpp/payloads/vcard4.hpp"

#include "bus/xmpp/payloads/payload_reader.hpp"
#include "bus/xmpp/payloads/payload_writer.hpp"

namespace xbus::xmpp {

namespace {

// Each value stands in an element that says its type (RFC 6351 section 5).
constexpr auto text_value = [](auto& in, auto& text) { in.text("text", text); };
constexpr auto language_value = [](auto& in, auto& tag) { in.text("language-tag", tag); };
constexpr auto date_value = [](auto& in, auto& date) { in.date("date", date, DateStyle::basic); };
constexpr auto time_value = [](auto& in, auto& time) {
  in.time("timestamp", time, DateStyle::basic);
};
constexpr auto pref_value = [](auto& in, auto& pref) {
  in.whole("integer", pref, {.least = 1, .most = 100});
};

constexpr auto types_fields = [](auto& in, auto& types) { in.list("text", types, as_own_text); };

constexpr auto use_fields = [](auto& in, auto& use) {
  in.part("pref", use.pref, pref_value);
  in.part("type", use.types, types_fields);
};

constexpr auto value_fields = [](auto& in, auto& value) {
  in.part("parameters", value.use, use_fields);
  in.text("text", value.text);
  in.uri("uri", value.uri);
};

// Of a name and an address RFC 6351 wants the empty parts too.
constexpr auto name_fields = [](auto& in, auto& name) {
  in.always("surname", name.family);
  in.always("given", name.given);
  in.always("additional", name.additional);
  in.always("prefix", name.prefix);
  in.always("suffix", name.suffix);
};

constexpr auto gender_fields = [](auto& in, auto& gender) {
  in.part("sex", gender.sex, text_value);
  in.part("identity", gender.identity, text_value);
};

constexpr auto address_fields = [](auto& in, auto& entry) {
  in.part("parameters", entry.use, use_fields);
  in.always("pobox", entry.address.pobox);
  in.always("ext", entry.address.ext);
  in.always("street", entry.address.street);
  in.always("locality", entry.address.locality);
  in.always("region", entry.address.region);
  in.always("code", entry.address.code);
  in.always("country", entry.address.country);
};

constexpr auto fields = [](auto& in, auto& vcard) {
  in.part("kind", vcard.kind, text_value);
  in.list("fn", vcard.full_names, text_value);
  in.part("n", vcard.name, name_fields);
  in.list("nickname", vcard.nicknames, text_value);
  in.list("photo", vcard.photos, value_fields);
  in.part("bday", vcard.birthday, date_value);
  in.part("gender", vcard.gender, gender_fields);
  in.list("adr", vcard.addresses, address_fields);
  in.list("tel", vcard.phones, value_fields);
  in.list("email", vcard.emails, value_fields);
  in.list("impp", vcard.impps, value_fields);
  in.list("lang", vcard.languages, language_value);
  in.list("tz", vcard.zones, value_fields);
  in.list("geo", vcard.positions, value_fields);
  in.list("title", vcard.titles, value_fields);
  in.list("role", vcard.roles, value_fields);
  in.list("logo", vcard.logos, value_fields);
  in.list("org", vcard.organizations, value_fields);
  in.list("note", vcard.notes, text_value);
  in.part("prodid", vcard.product, text_value);
  in.part("rev", vcard.revision, time_value);
  in.part("uid", vcard.uid, value_fields);
  in.list("url", vcard.urls, value_fields);
  in.list("key", vcard.keys, value_fields);
};

}  // namespace

xml::Element to_element(const Vcard4& vcard) {
  return write_payload(vcard, "vcard", ns_vcard4, fields);
}

Result<Vcard4, PayloadError> vcard4_from(const xml::Element& element) {
  return read_payload<Vcard4>(element, "vcard", ns_vcard4, fields);
}

}  // namespace xbus::xmpp
