#include "bus/xmpp/software_version.hpp"

namespace xbus::xmpp {

xml::Element software_version_query() { return xml::Element("query", std::string(ns_version)); }

bool is_software_version_query(const xml::Element& iq) {
  return iq.name() == "iq" && iq.attr_or("type", "") == "get" &&
         iq.first("query", ns_version) != nullptr;
}

xml::Element to_element(const SoftwareVersion& version) {
  xml::Element element = software_version_query();
  element.add("name").add_text(version.name);
  element.add("version").add_text(version.version);
  if (!version.os.empty()) element.add("os").add_text(version.os);
  return element;
}

std::optional<SoftwareVersion> software_version_from(const xml::Element& payload) {
  if (!payload.is("query", ns_version)) return std::nullopt;
  auto text_of = [&](std::string_view name) {
    const xml::Element* child = payload.first(name, ns_version);
    return child ? child->text() : std::string();
  };
  return SoftwareVersion{
      .name = text_of("name"), .version = text_of("version"), .os = text_of("os")};
}

}  // namespace xbus::xmpp
