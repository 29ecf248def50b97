#include "bus/xmpp/disco.hpp"

#include <algorithm>

#include "bus/limits.hpp"

namespace xbus::xmpp {

namespace {

xml::Element query_element(std::string_view ns, std::string_view node) {
  xml::Element query("query", std::string(ns));
  if (!node.empty()) query.set("node", node);
  return query;
}

Result<Identity, DiscoError> identity_from(const xml::Element& element,
                                           std::string_view inherited) {
  const std::string* lang = element.attr("lang", xml::ns_xml);
  Identity identity{.category = std::string(element.attr_or("category", "")),
                    .type = std::string(element.attr_or("type", "")),
                    .name = std::string(element.attr_or("name", "")),
                    .lang = lang ? *lang : std::string(inherited)};
  if (identity.category.empty() || identity.type.empty()) return Err{DiscoError::bad_identity};
  return identity;
}

// Adds one child of the answer to what is known so far.
Result<void, DiscoError> take(DiscoInfo& info, const xml::Element& child, std::string_view lang) {
  if (child.is("identity", ns_disco_info)) {
    auto identity = identity_from(child, lang);
    if (!identity) return Err{identity.error()};
    info.identities.push_back(std::move(*identity));
  } else if (child.is("feature", ns_disco_info)) {
    const std::string* var = child.attr("var");
    if (!var || var->empty()) return Err{DiscoError::bad_feature};
    info.features.push_back(*var);
  } else if (child.is("x", ns_data)) {
    auto form = form_from(child);
    if (!form) return Err{DiscoError::bad_form};
    info.forms.push_back(std::move(*form));
  } else {
    info.has_other_elements = true;
  }
  return {};
}

}  // namespace

bool DiscoInfo::has_feature(std::string_view feature) const {
  return std::find(features.begin(), features.end(), feature) != features.end();
}

bool DiscoInfo::has_identity(std::string_view category, std::string_view type) const {
  return std::any_of(identities.begin(), identities.end(),
                     [&](const Identity& i) { return i.category == category && i.type == type; });
}

const Form* DiscoInfo::form(std::string_view form_type) const {
  for (const Form& form : forms) {
    if (form.form_type() == form_type) return &form;
  }
  return nullptr;
}

xml::Element disco_info_query(std::string_view node) { return query_element(ns_disco_info, node); }

xml::Element disco_items_query(std::string_view node, const PageRequest& page) {
  xml::Element query = query_element(ns_disco_items, node);
  if (page != PageRequest()) query.add(to_element(page));
  return query;
}

xml::Element to_element(const DiscoInfo& info) {
  xml::Element query = query_element(ns_disco_info, info.node);
  for (const Identity& identity : info.identities) {
    xml::Element& element = query.add("identity");
    element.set("category", identity.category).set("type", identity.type);
    if (!identity.name.empty()) element.set("name", identity.name);
    if (!identity.lang.empty()) element.set("lang", xml::ns_xml, identity.lang);
  }
  for (const std::string& feature : info.features) query.add("feature").set("var", feature);
  for (const Form& form : info.forms) query.add(to_element(form));
  return query;
}

xml::Element to_element(const DiscoItems& items) {
  xml::Element query = query_element(ns_disco_items, items.node);
  for (const DiscoItem& item : items.items) {
    xml::Element& element = query.add("item");
    element.set("jid", item.jid.str());
    if (!item.node.empty()) element.set("node", item.node);
    if (!item.name.empty()) element.set("name", item.name);
  }
  if (items.page) query.add(to_element(*items.page));
  return query;
}

Result<DiscoInfo, DiscoError> disco_info_from(const xml::Element& query, std::string_view lang) {
  if (!query.is("query", ns_disco_info)) return Err{DiscoError::not_disco};
  if (query.element_count() > limits::disco_entries_max) return Err{DiscoError::too_many};
  if (const std::string* own = query.attr("lang", xml::ns_xml)) lang = *own;
  DiscoInfo info;
  info.node = query.attr_or("node", "");
  for (const xml::Element* child : query.elements()) {
    if (auto taken = take(info, *child, lang); !taken) return Err{taken.error()};
  }
  return info;
}

Result<DiscoItems, DiscoError> disco_items_from(const xml::Element& query) {
  if (!query.is("query", ns_disco_items)) return Err{DiscoError::not_disco};
  if (query.element_count() > limits::disco_entries_max) return Err{DiscoError::too_many};
  DiscoItems items;
  items.node = query.attr_or("node", "");
  for (const xml::Element* child : query.elements("item", ns_disco_items)) {
    auto jid = Jid::parse(child->attr_or("jid", ""));
    if (!jid) return Err{DiscoError::bad_item};
    items.items.push_back({.jid = std::move(*jid),
                           .node = std::string(child->attr_or("node", "")),
                           .name = std::string(child->attr_or("name", ""))});
  }
  items.page = page_from(query);
  return items;
}

}  // namespace xbus::xmpp
