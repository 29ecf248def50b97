// Software Version (XEP-0092).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_version = "jabber:iq:version";

struct SoftwareVersion {
  std::string name;
  std::string version;
  std::string os;  // empty: not told
  bool operator==(const SoftwareVersion&) const = default;
};

// The payload of the request, an iq of type get.
xml::Element software_version_query();
bool is_software_version_query(const xml::Element& iq);
// The payload of the answer.
xml::Element to_element(const SoftwareVersion& version);
// Missing parts are empty; nullopt for another element.
std::optional<SoftwareVersion> software_version_from(const xml::Element& payload);

}  // namespace xbus::xmpp
