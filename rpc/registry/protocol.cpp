#include "rpc/registry/protocol.hpp"

#include <algorithm>
#include <charconv>

#include "bus/limits.hpp"
#include "bus/xmpp/datetime.hpp"
#include "bus/xmpp/jid_escape.hpp"

namespace xbus::registry {

namespace {

constexpr uint32_t weight_most = 100;

uint32_t number(std::string_view text, uint32_t least, uint32_t most, uint32_t other) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return other;
  return std::clamp(value, least, most);
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    if (space != 0) out.emplace_back(text.substr(0, space));
    if (space == text.npos) break;
    text.remove_prefix(space + 1);
  }
  return out;
}

xml::Element element(std::string_view name) {
  return xml::Element(std::string(name), std::string(ns_registry));
}

}  // namespace

std::string_view name_of(InstanceState state) {
  switch (state) {
    case InstanceState::away: return "away";
    case InstanceState::dnd: return "dnd";
    case InstanceState::available: break;
  }
  return "available";
}

InstanceState instance_state_of(std::string_view name) {
  // xa is a longer away (RFC 6121 section 4.7.2.1): no new calls either.
  if (name == "away" || name == "xa") return InstanceState::away;
  return name == "dnd" ? InstanceState::dnd : InstanceState::available;
}

xml::Element to_element(const InstanceInfo& instance) {
  xml::Element out = element("instance");
  out.set("jid", instance.jid.str()).set("id", instance.id).set("state", name_of(instance.state));
  out.set("weight", std::to_string(instance.weight));
  if (instance.load != 0) out.set("load", std::to_string(instance.load));
  if (!instance.version.empty()) out.set("version", instance.version);
  if (!instance.hash.empty()) out.set("hash", instance.hash);
  if (!instance.methods.empty()) {
    std::string all;
    for (const std::string& method : instance.methods) all += (all.empty() ? "" : " ") + method;
    out.set("methods", all);
  }
  if (instance.since != Timestamp{}) out.set("since", xmpp::format_datetime(instance.since));
  return out;
}

std::optional<InstanceInfo> instance_from(const xml::Element& from) {
  if (!from.is("instance", ns_registry)) return {};
  auto jid = xmpp::Jid::parse(from.attr_or("jid", ""));
  if (!jid) return {};
  InstanceInfo out;
  out.jid = *jid;
  out.id = from.attr_or("id", jid->resource().empty() ? jid->str() : jid->resource());
  out.state = instance_state_of(from.attr_or("state", "available"));
  out.weight = number(from.attr_or("weight", "1"), 1, weight_most, 1);
  out.load = number(from.attr_or("load", "0"), 0, UINT32_MAX, 0);
  out.version = from.attr_or("version", "");
  out.hash = from.attr_or("hash", "");
  out.methods = words(from.attr_or("methods", ""));
  if (auto since = xmpp::parse_datetime(from.attr_or("since", ""))) out.since = *since;
  return out;
}

namespace {

xml::Element head_of(const ServiceInfo& service) {
  xml::Element out = element("service").set("name", service.name);
  if (service.mixed) out.set("mixed", "true");
  return out;
}

size_t bytes_of(const xml::Element& element) { return xml::write(element, ns_registry).size(); }

struct Entry {
  xml::Element element;
  size_t bytes = 0;
  bool in = false;
};

// Every instance without its methods: none named means that any may be there. Each service comes in with one instance, the
// shortest first, then each with its next while there is room, so that whoever has many names or long ones hides nobody.
xml::Element shortened(std::string_view root, const std::vector<ServiceInfo>& services) {
  constexpr size_t end_tag_bytes = 16;  // an element that gets children is longer than it is alone
  const auto plain = [](InstanceInfo instance) {
    instance.methods.clear();
    return to_element(instance);
  };
  std::vector<Entry> entries;
  std::vector<size_t> shortest;
  for (const ServiceInfo& service : services) {
    Entry entry{head_of(service)};
    if (!service.instances.empty()) entry.element.add(plain(service.instances.front()));
    entry.bytes = bytes_of(entry.element) + end_tag_bytes;
    shortest.push_back(entries.size());
    entries.push_back(std::move(entry));
  }
  std::sort(shortest.begin(), shortest.end(),
            [&](size_t a, size_t b) { return entries[a].bytes < entries[b].bytes; });
  size_t bytes = 64;  // of the root
  bool cut = false;
  const auto fits = [&](size_t more) {
    if (bytes + more > limits::registry_answer_bytes_max) return !(cut = true);
    bytes += more;
    return true;
  };
  for (size_t at : shortest) entries[at].in = fits(entries[at].bytes);
  for (size_t next = 1, added = 1; added != 0 && !cut; ++next) {
    added = 0;
    for (size_t at : shortest) {
      if (services[at].instances.size() <= next) continue;
      xml::Element one = plain(services[at].instances[next]);
      if (!fits(bytes_of(one) + end_tag_bytes)) break;
      entries[at].element.add(std::move(one));
      ++added;
    }
  }
  xml::Element out = element(root);
  for (Entry& entry : entries)
    if (entry.in) out.add(std::move(entry.element));
  if (cut) out.set("cut", "true");
  return out;
}

}  // namespace

xml::Element to_element(std::string_view root, const std::vector<ServiceInfo>& services) {
  xml::Element out = element(root);
  for (const ServiceInfo& service : services) {
    xml::Element& entry = out.add(head_of(service));
    for (const InstanceInfo& instance : service.instances) entry.add(to_element(instance));
  }
  return bytes_of(out) <= limits::registry_answer_bytes_max ? out : shortened(root, services);
}

std::vector<ServiceInfo> services_from(const xml::Element& root) {
  std::vector<ServiceInfo> out;
  for (const xml::Element* entry : root.elements("service", ns_registry)) {
    const std::string* name = entry->attr("name");
    if (!name || name->empty()) continue;
    ServiceInfo service{*name, entry->attr_or("mixed", "") == "true", {}};
    for (const xml::Element* child : entry->elements("instance", ns_registry))
      if (auto instance = instance_from(*child)) service.instances.push_back(std::move(*instance));
    out.push_back(std::move(service));
  }
  return out;
}

xml::Element watch_request(const std::vector<std::string>& names) {
  xml::Element out = element("watch");
  for (const std::string& name : names) out.add(element("service").set("name", name));
  return out;
}

std::vector<std::string> names_of_watch(const xml::Element& watch) {
  std::vector<std::string> out;
  for (const xml::Element* entry : watch.elements("service", ns_registry))
    if (const std::string* name = entry->attr("name"); name && !name->empty()) out.push_back(*name);
  return out;
}

xml::Element to_element(const NameInfo& name) {
  xml::Element entry = element("name").set("name", name.name);
  entry.set("owner", name.owner.str());
  if (name.live) entry.set("live", "true");
  return entry;
}

xml::Element to_element(const std::vector<NameInfo>& names) {
  xml::Element out = element("names");
  for (const NameInfo& name : names) out.add(to_element(name));
  return out;
}

std::vector<NameInfo> names_from(const xml::Element& names) {
  std::vector<NameInfo> out;
  for (const xml::Element* entry : names.elements("name", ns_registry)) {
    auto owner = xmpp::Jid::parse(entry->attr_or("owner", ""));
    if (!owner) continue;
    out.push_back({std::string(entry->attr_or("name", "")), *owner,
                   entry->attr_or("live", "") == "true"});
  }
  return out;
}

std::optional<xmpp::Jid> service_address(std::string_view name, std::string_view registry_domain) {
  // XEP-0106 section 4.3: no space at either end.
  if (name.empty() || name.front() == ' ' || name.back() == ' ') return {};
  auto jid = xmpp::Jid::make(xmpp::jid_escape(name), registry_domain);
  if (!jid) return {};
  return *jid;
}

std::string name_of_address(const xmpp::Jid& address) {
  return xmpp::jid_unescape(address.local());
}

}  // namespace xbus::registry
