// Questions to the registry: what is live, who owns what, and calls to a service address.
#include <algorithm>
#include <set>

#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/kept.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

constexpr std::string_view ns_info = "http://jabber.org/protocol/disco#info";
constexpr std::string_view ns_items = "http://jabber.org/protocol/disco#items";
constexpr std::string_view ns_ping = "urn:xmpp:ping";
constexpr std::string_view ns_data = "jabber:x:data";

xml::Element element(std::string_view name, std::string_view ns) {
  return xml::Element(std::string(name), std::string(ns));
}

void add_identity(xml::Element& query, std::string_view category, std::string_view type,
                  std::string_view name) {
  query.add("identity").set("category", category).set("type", type).set("name", name);
}

void add_feature(xml::Element& query, std::string_view var) { query.add("feature").set("var", var); }

void add_field(xml::Element& form, std::string_view var, const std::vector<std::string>& values) {
  xml::Element& field = form.add("field").set("var", var);
  if (var == "FORM_TYPE") field.set("type", "hidden");
  for (const std::string& value : values) field.add("value").add_text(value);
}

}  // namespace

void Registry::on_iq(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const auto type = xmpp::iq_type(stanza);
  if (type == xmpp::IqType::result || type == xmpp::IqType::error) {
    if (to.is_domain())
      on_own_answer(stanza, from);
    else if (to.is_full())
      on_answer(stanza, from, to);
    return;
  }
  if (const auto fault = xmpp::check(stanza); fault != xmpp::StanzaFault::none) {
    if (const auto error = xmpp::error_of(fault)) answer(stanza, *error);
    return;
  }
  liveness_.heard(from, now());
  confirm(from);
  if (to.is_domain()) return on_domain_iq(stanza, from);
  // Addresses with a token take answers, nothing else.
  if (to.is_full()) return answer(stanza, xmpp::Condition::service_unavailable);
  on_service_iq(stanza, from, to);
}

void Registry::on_domain_iq(const xml::Element& stanza, const xmpp::Jid& from) {
  const xml::Element& payload = *stanza.first_element();
  const bool set = xmpp::iq_type(stanza) == xmpp::IqType::set;
  if (!set && payload.is("query", ns_info)) return on_info(stanza, from, {});
  if (!set && payload.is("query", ns_items)) return on_items(stanza, from, {});
  if (!set && payload.is("ping", ns_ping)) return answer(stanza);
  if (set && payload.is("watch", ns_registry)) return on_watch(stanza, from);
  if (set && payload.is("give", ns_registry)) return on_give(stanza, from);
  if (set && payload.is("release", ns_registry)) return on_release(stanza, from);
  if (!set && payload.is("services", ns_registry)) {
    std::vector<ServiceInfo> shown;
    for (const auto& [key, list] : instances_.all())
      if (ServiceInfo service = instances_.describe(key);
          !service.instances.empty() && visible(from, key))
        shown.push_back(std::move(service));
    return answer(stanza, to_element("services", shown));
  }
  if (!set && payload.is("names", ns_registry)) {
    std::vector<NameInfo> shown;
    for (NameInfo& name : names_.list()) {
      name.live = !instances_.describe(name.name).instances.empty();
      if (visible(from, name.name)) shown.push_back(std::move(name));
    }
    return answer(stanza, to_element(shown));
  }
  answer(stanza, xmpp::Condition::service_unavailable);
}

void Registry::on_service_iq(const xml::Element& stanza, const xmpp::Jid& from,
                             const xmpp::Jid& to) {
  const xml::Element& payload = *stanza.first_element();
  const bool set = xmpp::iq_type(stanza) == xmpp::IqType::set;
  if (!set && payload.is("query", ns_info)) return on_info(stanza, from, to);
  if (!set && payload.is("query", ns_items)) return on_items(stanza, from, to);
  if (!set && payload.is("ping", ns_ping) && instances_.of(key_of(to))) return answer(stanza);
  // Only a set is a call (RPC-01).
  if (payload.ns() == jabber_rpc::ns)
    return set ? dispatch(stanza, from, to) : answer(stanza, xmpp::Condition::bad_request);
  answer(stanza, xmpp::Condition::service_unavailable);
}

void Registry::on_watch(const xml::Element& stanza, const xmpp::Jid& from) {
  std::set<std::string> keys;
  std::vector<ServiceInfo> shown;
  for (const std::string& name : names_of_watch(*stanza.first_element())) {
    const auto address = service_address(name, options_.domain);
    if (!address) return answer(stanza, {xmpp::Condition::jid_malformed, "no name: " + name});
    const std::string key = key_of(*address);
    if (!visible(from, key)) return answer(stanza, {xmpp::Condition::forbidden, name});
    if (!keys.insert(key).second) continue;
    ServiceInfo service = instances_.describe(key);
    // The caller finds the entry under the name it asked for, whatever the spelling.
    service.name = name;
    shown.push_back(std::move(service));
  }
  const bool watched = watches_.watching(from);
  if (!watches_.set(from, keys))
    return answer(stanza, {xmpp::Condition::resource_constraint, "too many watches"});
  if (watches_.watching(from) && !watched) liveness_.track(from, now());
  if (!watches_.watching(from) && watched) untrack(from);
  keep_watch(store_, from, keys);
  answer(stanza, to_element("watch", shown));
}

void Registry::on_give(const xml::Element& stanza, const xmpp::Jid& from) {
  if (!options_.is_admin(from)) return answer(stanza, xmpp::Condition::forbidden);
  const xml::Element& give = *stanza.first_element();
  const std::string name(give.attr_or("name", ""));
  const auto address = service_address(name, options_.domain);
  const auto owner = xmpp::Jid::parse(give.attr_or("owner", ""));
  if (!address || !owner) return answer(stanza, xmpp::Condition::bad_request);
  const std::string key = key_of(*address);
  if (!names_.give(key, name, owner->bare()))
    return answer(stanza, {xmpp::Condition::not_allowed, "the configuration gives this name"});
  answer(stanza);
  drop_disowned(key);
}

void Registry::on_release(const xml::Element& stanza, const xmpp::Jid& from) {
  const std::string name(stanza.first_element()->attr_or("name", ""));
  const auto address = service_address(name, options_.domain);
  if (!address) return answer(stanza, xmpp::Condition::bad_request);
  const std::string key = key_of(*address);
  const auto owner = names_.owner(key);
  if (!options_.is_admin(from) && (!owner || *owner != from.bare()))
    return answer(stanza, xmpp::Condition::forbidden);
  if (!names_.release(key)) return answer(stanza, xmpp::Condition::item_not_found);
  answer(stanza);
  drop_disowned(key);
}

// Instances of accounts that do not own the name any more are listed no longer, and told so.
void Registry::drop_disowned(const std::string& key) {
  const Instances::List* list = instances_.of(key);
  if (!list) return;
  std::vector<Instance> gone;
  for (const auto& [text, instance] : *list)
    if (!names_.owns(key, instance.info.jid.bare())) gone.push_back(instance);
  for (const Instance& instance : gone) {
    drop_instance(key, instance.info.jid);
    xml::Element told = xmpp::presence(xmpp::PresenceType::error, instance.info.jid);
    told.set("from", instance.service.str());
    send(std::move(told.with(xmpp::to_element(
        xmpp::StanzaError(xmpp::Condition::conflict, "the name has another owner now")))));
  }
}

void Registry::on_items(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const xml::Element& asked = *stanza.first_element();
  if (asked.attr("node")) return answer(stanza, xmpp::Condition::item_not_found);
  xml::Element query = element("query", ns_items);
  if (to.empty()) {
    for (const auto& [key, list] : instances_.all()) {
      const ServiceInfo service = instances_.describe(key);
      const auto address = service_address(key, options_.domain);
      if (service.instances.empty() || !address || !visible(from, key)) continue;
      query.add("item").set("jid", address->str()).set("name", service.name);
    }
    return answer(stanza, std::move(query));
  }
  const std::string key = key_of(to);
  const ServiceInfo service = instances_.describe(key);
  if (service.instances.empty() || !visible(from, key))
    return answer(stanza, xmpp::Condition::item_not_found);
  for (const InstanceInfo& instance : service.instances)
    query.add("item").set("jid", instance.jid.str()).set("name", instance.id);
  answer(stanza, std::move(query));
}

void Registry::on_info(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const xml::Element& asked = *stanza.first_element();
  if (asked.attr("node")) return answer(stanza, xmpp::Condition::item_not_found);
  xml::Element query = element("query", ns_info);
  if (to.empty()) {
    add_identity(query, "component", "generic", "xbus registry");
    for (std::string_view var : {ns_info, ns_items, ns_ping, ns_registry}) add_feature(query, var);
    return answer(stanza, std::move(query));
  }
  const std::string key = key_of(to);
  const ServiceInfo service = instances_.describe(key);
  if (service.instances.empty() || !visible(from, key))
    return answer(stanza, xmpp::Condition::item_not_found);
  add_identity(query, "automation", "rpc", service.name);
  for (std::string_view var : {ns_info, ns_items, ns_ping, jabber_rpc::ns, ns_call})
    add_feature(query, var);
  xml::Element& form = query.add(element("x", ns_data).set("type", "result"));
  add_field(form, "FORM_TYPE", {std::string(form_interface)});
  add_field(form, "name", {service.name});
  std::set<std::string> versions, hashes, methods;
  for (const InstanceInfo& instance : service.instances) {
    if (!instance.version.empty()) versions.insert(instance.version);
    if (!instance.hash.empty()) hashes.insert(instance.hash);
    methods.insert(instance.methods.begin(), instance.methods.end());
  }
  add_field(form, "version", {versions.begin(), versions.end()});
  add_field(form, "hash", {hashes.begin(), hashes.end()});
  add_field(form, "methods", {methods.begin(), methods.end()});
  add_field(form, "instances", {std::to_string(service.instances.size())});
  answer(stanza, std::move(query));
}

}  // namespace xbus::registry
