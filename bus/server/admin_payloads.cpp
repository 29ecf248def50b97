#include "bus/server/admin_payloads.hpp"

#include <charconv>
#include <utility>

namespace xbus::server {
namespace {

xml::Element admin_element(std::string_view name, std::string_view account) {
  xml::Element element{std::string(name), std::string(ns_admin)};
  element.set("name", account);
  return element;
}

}  // namespace

xml::Element accounts_query() { return xml::Element("accounts", std::string(ns_admin)); }

xml::Element account_add(std::string_view name, std::string_view password, LinkToUid link) {
  xml::Element element = admin_element("add", name);
  if (link == LinkToUid::yes) element.set("link", "true");
  element.add("password").add_text(password);
  return element;
}

xml::Element account_passwd(std::string_view name, std::string_view password) {
  xml::Element element = admin_element("passwd", name);
  element.add("password").add_text(password);
  return element;
}

xml::Element account_remove(std::string_view name) { return admin_element("remove", name); }

xml::Element accounts_payload(const std::vector<AccountInfo>& accounts) {
  xml::Element all("accounts", std::string(ns_admin));
  for (const AccountInfo& info : accounts) {
    xml::Element& entry = all.add(admin_element("account", info.name));
    entry.set("password", info.password ? "true" : "false");
    entry.set("admin", info.admin ? "true" : "false");
    entry.set("connections", std::to_string(info.connections));
  }
  return all;
}

std::vector<AccountInfo> accounts_from(const xml::Element& payload) {
  std::vector<AccountInfo> all;
  for (const xml::Element* entry : payload.elements("account", ns_admin)) {
    AccountInfo info;
    info.name = entry->attr_or("name", {});
    info.password = entry->attr_or("password", {}) == "true";
    info.admin = entry->attr_or("admin", {}) == "true";
    std::string_view count = entry->attr_or("connections", "0");
    std::from_chars(count.data(), count.data() + count.size(), info.connections);
    if (!info.name.empty()) all.push_back(std::move(info));
  }
  return all;
}

}  // namespace xbus::server
