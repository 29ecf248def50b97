// Questions to the registry: what is live, who owns what, and calls to a service address.
#include <algorithm>
#include <set>

#include "bus/xmpp/ping.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/kept.hpp"
#include "rpc/registry/pages.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

// What all instances of a service say together, each value once.
xmpp::Form interface_form(const ServiceInfo& service) {
  std::set<std::string> versions, hashes, methods;
  for (const InstanceInfo& instance : service.instances) {
    if (!instance.version.empty()) versions.insert(instance.version);
    if (!instance.hash.empty()) hashes.insert(instance.hash);
    methods.insert(instance.methods.begin(), instance.methods.end());
  }
  xmpp::Form form = xmpp::make_form(xmpp::FormType::result, form_interface);
  form.add("name", service.name);
  auto add = [&form](std::string var, const std::set<std::string>& values) {
    xmpp::Field field;
    field.var = std::move(var);
    field.type = xmpp::FieldType::text_multi;
    field.values.assign(values.begin(), values.end());
    form.fields.push_back(std::move(field));
  };
  add("version", versions);
  add("hash", hashes);
  add("methods", methods);
  form.add("instances", std::to_string(service.instances.size()));
  return form;
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
  if (!set && payload.is("query", xmpp::ns_disco_info)) return on_info(stanza, from, {});
  if (!set && payload.is("query", xmpp::ns_disco_items)) return on_items(stanza, from, {});
  if (xmpp::is_ping(stanza)) return answer(stanza);
  if (set && payload.is("watch", ns_registry)) return on_watch(stanza, from);
  if (set && payload.is("give", ns_registry)) return on_give(stanza, from);
  if (set && payload.is("release", ns_registry)) return on_release(stanza, from);
  if (!set && payload.is("services", ns_registry)) return on_services(stanza, from);
  if (!set && payload.is("names", ns_registry)) return on_names(stanza, from);
  answer(stanza, xmpp::Condition::service_unavailable);
}

// By pages where they are asked for, else shortened to one answer.
void Registry::on_services(const xml::Element& stanza, const xmpp::Jid& from) {
  const xml::Element& asked = *stanza.first_element();
  const auto request = xmpp::page_request_from(asked);
  if (!request) return answer(stanza, xmpp::Condition::bad_request);
  std::vector<ServiceInfo> whole;
  std::vector<PageEntry> entries;
  const bool paged = asked.first("set", xmpp::ns_rsm) != nullptr;
  for (const auto& [key, list] : instances_.all()) {
    ServiceInfo service = instances_.describe(key);
    if (service.instances.empty() || !visible(from, key)) continue;
    if (!paged) {
      whole.push_back(std::move(service));
      continue;
    }
    const xml::Element one = to_element("services", {std::move(service)});
    if (const xml::Element* entry = one.first_element()) entries.push_back({key, *entry});
  }
  answer(stanza, paged ? page_of(xml::Element("services", std::string(ns_registry)),
                                 std::move(entries), *request)
                       : to_element("services", whole));
}

void Registry::on_names(const xml::Element& stanza, const xmpp::Jid& from) {
  const auto request = xmpp::page_request_from(*stanza.first_element());
  if (!request) return answer(stanza, xmpp::Condition::bad_request);
  std::vector<PageEntry> entries;
  for (NameInfo& name : names_.list()) {
    if (!visible(from, name.name)) continue;
    name.live = !instances_.describe(name.name).instances.empty();
    entries.push_back({name.name, to_element(name)});
  }
  answer(stanza,
         page_of(xml::Element("names", std::string(ns_registry)), std::move(entries), *request));
}

void Registry::on_service_iq(const xml::Element& stanza, const xmpp::Jid& from,
                             const xmpp::Jid& to) {
  const xml::Element& payload = *stanza.first_element();
  const bool set = xmpp::iq_type(stanza) == xmpp::IqType::set;
  if (!set && payload.is("query", xmpp::ns_disco_info)) return on_info(stanza, from, to);
  if (!set && payload.is("query", xmpp::ns_disco_items)) return on_items(stanza, from, to);
  if (xmpp::is_ping(stanza) && instances_.of(key_of(to))) return answer(stanza);
  // Only a set is a call (RPC-01).
  if (payload.ns() == jabber_rpc::ns)
    return set ? dispatch(stanza, from, to, now()) : answer(stanza, xmpp::Condition::bad_request);
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
  if (!watches_.set(from, payer(from), keys))
    return answer(stanza, {xmpp::Condition::resource_constraint, "too many watches"});
  if (watches_.watching(from) && !watched) liveness_.track(from, now());
  if (!watches_.watching(from) && watched) untrack(from);
  keep_watch(store_, from, keys);
  answer(stanza, to_element("watch", shown));
}

void Registry::on_items(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const xml::Element& asked = *stanza.first_element();
  if (asked.attr("node")) return answer(stanza, xmpp::Condition::item_not_found);
  const auto request = xmpp::page_request_from(asked);
  if (!request) return answer(stanza, xmpp::Condition::bad_request);
  std::vector<PageEntry> entries;
  const auto add = [&entries](const std::string& id, const xmpp::Jid& jid,
                              const std::string& name) {
    xmpp::DiscoItems one;
    one.items.push_back({.jid = jid, .node = {}, .name = name});
    entries.push_back({id, *xmpp::to_element(one).first_element()});
  };
  if (to.empty()) {
    for (const auto& [key, list] : instances_.all()) {
      const ServiceInfo service = instances_.describe(key);
      const auto address = service_address(key, options_.domain);
      if (service.instances.empty() || !address || !visible(from, key)) continue;
      add(key, *address, service.name);
    }
  } else {
    const std::string key = key_of(to);
    const ServiceInfo service = instances_.describe(key);
    if (service.instances.empty() || !visible(from, key))
      return answer(stanza, xmpp::Condition::item_not_found);
    for (const InstanceInfo& instance : service.instances)
      add(instance.jid.str(), instance.jid, instance.id);
    std::sort(entries.begin(), entries.end(),
              [](const PageEntry& a, const PageEntry& b) { return a.id < b.id; });
  }
  answer(stanza, page_of(xmpp::to_element(xmpp::DiscoItems{}), std::move(entries), *request));
}

void Registry::on_info(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const xml::Element& asked = *stanza.first_element();
  if (asked.attr("node")) return answer(stanza, xmpp::Condition::item_not_found);
  xmpp::DiscoInfo info;
  for (std::string_view var : {xmpp::ns_disco_info, xmpp::ns_disco_items, xmpp::ns_ping})
    info.features.emplace_back(var);
  if (to.empty()) {
    info.identities.push_back({"component", "generic", "xbus registry", ""});
    info.features.emplace_back(ns_registry);
    info.features.emplace_back(xmpp::ns_rsm);
    return answer(stanza, xmpp::to_element(info));
  }
  const std::string key = key_of(to);
  const ServiceInfo service = instances_.describe(key);
  if (service.instances.empty() || !visible(from, key))
    return answer(stanza, xmpp::Condition::item_not_found);
  info.identities.push_back({"automation", "rpc", service.name, ""});
  info.features.emplace_back(jabber_rpc::ns);
  info.features.emplace_back(ns_call);
  info.forms.push_back(interface_form(service));
  answer(stanza, xmpp::to_element(info));
}

void Registry::set_policy(NamePolicy names, CallerPolicy callers) {
  options_.callers = std::move(callers);
  options_.names = names;
  names_.set_policy(std::move(names));
  if (!port_) return;
  std::vector<std::string> keys;
  for (const auto& [key, list] : instances_.all()) keys.push_back(key);
  for (const std::string& key : keys) drop_disowned(key);
}

}  // namespace xbus::registry
