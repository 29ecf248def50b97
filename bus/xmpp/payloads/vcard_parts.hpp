// Parts that a vCard has in both of its forms: VcardTemp and Vcard4.
#pragma once
#include <string>
#include <vector>

namespace xbus::xmpp {

struct PersonName {
  std::string family, given, additional, prefix, suffix;
  bool operator==(const PersonName&) const = default;
};

struct PostalAddress {
  std::string pobox, ext, street, locality, region, code, country;
  bool operator==(const PostalAddress&) const = default;
};

struct Organization {
  std::string name;
  std::vector<std::string> units;  // the larger one first; up to limits::payload_list_max
  bool operator==(const Organization&) const = default;
};

}  // namespace xbus::xmpp
