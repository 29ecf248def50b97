// vCard4 (XEP-0292, RFC 6351): the vCard that replaces vcard-temp.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"
#include "bus/xmpp/payloads/vcard_parts.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_vcard4 = "urn:ietf:params:xml:ns:vcard-4.0";
// The node on which a change is told; the vCard itself is asked for by iq (XEP-0292 section 4.2).
inline constexpr std::string_view node_vcard4 = "urn:xmpp:vcard4";

// What a value is for: words such as "work", "home", "voice", and its place among several.
struct Vcard4Use {
  std::vector<std::string> types;
  std::optional<uint32_t> pref;  // 1, the first, to 100
  bool operator==(const Vcard4Use&) const = default;
};

// A value as a text or as a URI; one of them is empty.
struct Vcard4Value {
  Vcard4Use use;
  std::string text, uri;
  bool operator==(const Vcard4Value&) const = default;
};

struct Vcard4Address {
  Vcard4Use use;
  PostalAddress address;
  bool operator==(const Vcard4Address&) const = default;
};

// RFC 6350 section 6.2.7; `identity` is a text beside or in place of it.
struct Vcard4Gender {
  std::string sex;  // "M", "F", "O", "N", "U" or empty
  std::string identity;
  bool operator==(const Vcard4Gender&) const = default;
};

// All empty: there is no vCard (section 4.1.1). Lists have up to limits::payload_list_max entries.
struct Vcard4 {
  std::string kind;  // "individual" where empty; "application", "device", "group", "org"
  std::vector<std::string> full_names;
  PersonName name;
  std::vector<std::string> nicknames;
  std::vector<Vcard4Value> photos;
  std::optional<std::chrono::year_month_day> birthday;
  Vcard4Gender gender;
  std::vector<Vcard4Address> addresses;
  std::vector<Vcard4Value> phones, emails, impps;
  std::vector<std::string> languages;  // RFC 5646
  std::vector<Vcard4Value> zones, positions;
  std::vector<Vcard4Value> titles, roles, logos;
  std::vector<Vcard4Value> organizations;
  std::vector<std::string> notes;
  std::string product;
  std::optional<Timestamp> revision;  // seconds
  Vcard4Value uid;
  std::vector<Vcard4Value> urls, keys;
  bool operator==(const Vcard4&) const = default;
};

xml::Element to_element(const Vcard4& vcard);
// Passes over properties and parameters that it has no member for, and a birthday without year or
// given as text. Errors: other_element, malformed or out_of_range for a part that is not of its
// type, too_long, too_many.
Result<Vcard4, PayloadError> vcard4_from(const xml::Element& element);

}  // namespace xbus::xmpp
