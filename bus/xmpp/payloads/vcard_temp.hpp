// vcard-temp (XEP-0054): the vCard that clients have always had.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"
#include "bus/xmpp/payloads/vcard_parts.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_vcard_temp = "vcard-temp";

// Picture, logo or sound: bytes with their type, or where they are.
struct VcardMedia {
  std::string type;      // of content, e.g. "image/png"
  std::string bytes;     // up to limits::payload_binary_bytes_max
  std::string uri;       // where `bytes` is empty
  std::string phonetic;  // of a sound: how the name is said
  bool operator==(const VcardMedia&) const = default;
};

// What an address, a number or a mail address is for. On the wire they stand in this order, each
// once.
enum class VcardMark {
  home,
  work,
  postal,
  parcel,
  dom,
  intl,
  voice,
  fax,
  pager,
  msg,
  cell,
  video,
  bbs,
  modem,
  isdn,
  pcs,
  internet,
  x400,
  pref  // of several this one first
};

struct VcardAddress {
  std::vector<VcardMark> marks;
  PostalAddress address;
  bool operator==(const VcardAddress&) const = default;
};

// An address as it is printed.
struct VcardLabel {
  std::vector<VcardMark> marks;
  std::vector<std::string> lines;
  bool operator==(const VcardLabel&) const = default;
};

// A telephone number or a mail address.
struct VcardContact {
  std::vector<VcardMark> marks;
  std::string value;
  bool operator==(const VcardContact&) const = default;
};

struct VcardPosition {
  std::optional<double> lat, lon;  // degrees, -90 to 90 and -180 to 180
  bool operator==(const VcardPosition&) const = default;
};

struct VcardKey {
  std::string type, credential;
  bool operator==(const VcardKey&) const = default;
};

enum class VcardClass { public_, private_, confidential };

// All empty: there is no vCard. Lists have up to limits::payload_list_max entries.
struct VcardTemp {
  std::string full_name;
  PersonName name;
  std::string nickname;  // several ones with commas
  VcardMedia photo;
  std::optional<std::chrono::year_month_day> birthday;
  std::vector<VcardAddress> addresses;
  std::vector<VcardLabel> labels;
  std::vector<VcardContact> phones, emails;
  Jid jid;
  std::string mailer;
  std::optional<std::chrono::minutes> zone;  // ahead of UTC, standard time
  VcardPosition position;
  std::string title, role;
  VcardMedia logo;
  Organization organization;
  std::vector<std::string> categories;
  std::string note, product;
  std::optional<Timestamp> revision;
  std::string sort_string;
  VcardMedia sound;
  std::string uid, url;
  std::optional<VcardClass> confidentiality;
  VcardKey key;
  std::string description;
  bool operator==(const VcardTemp&) const = default;
};

xml::Element to_element(const VcardTemp& vcard);
// Passes over VERSION and AGENT. Dates and times are taken in any form of ISO 8601 that
// PayloadReader knows. Errors: other_element, malformed or out_of_range for a part that is not of
// its type, too_long, too_many.
Result<VcardTemp, PayloadError> vcard_temp_from(const xml::Element& element);

}  // namespace xbus::xmpp
