// What the registry and those who talk to it say to each other, as plain structs: the namespace urn:xbus:registry:0.
//
// Registering: directed presence to NAME@services.DOMAIN, which may hold <instance weight='2' load='3'/>; the resource
// is the instance id. The registry answers from that address: available = listed, type error = not listed, and why.
// <show/> says the state: none = available, away = draining (no new calls), dnd = full.
//
//   iq set <watch><service name='calc'/></watch>   to services.DOMAIN: names whose instances the sender wants to know;
//                                                  replaces what it watched before, none at all ends it
//   iq result <watch> of ServiceInfo               what is live now; later changes come as presence from
//                                                  NAME@services.DOMAIN/ID holding <instance/>, unavailable = gone
//   iq get <services/>                             every live service, in the same form
//   iq get <names/>                                who owns which name
//   iq set <give name='calc' owner='ops@localhost'/>   admins
//   iq set <release name='calc'/>                      admins and the owner
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::registry {

inline constexpr std::string_view ns_registry = "urn:xbus:registry:0";
// FORM_TYPE of the form in disco#info of an instance and of a service address (XEP-0128): fields `name` (the spelling
// to show), `version`, `hash` (of the interface), `methods` (text-multi).
inline constexpr std::string_view form_interface = "urn:xbus:interface:0";

enum class InstanceState : uint8_t { available, away, dnd };
std::string_view name_of(InstanceState state);
InstanceState instance_state_of(std::string_view name);  // unknown: available

// One live instance of a service.
struct InstanceInfo {
  xmpp::Jid jid;   // full JID, or a component's
  std::string id;  // what --instance takes: the resource, or the JID where that would not be unique
  InstanceState state = InstanceState::available;
  uint32_t weight = 1;  // share of calls against the others, 1 to 100
  uint32_t load = 0;    // calls in progress when it last said so
  std::string version;  // of the service
  std::string hash;     // of the interface; empty until known
  std::vector<std::string> methods;  // empty until known
  Timestamp since{};    // registered
  bool operator==(const InstanceInfo&) const = default;
};

struct ServiceInfo {
  std::string name;  // as spelled by its instances
  bool mixed = false;  // its instances differ in interface
  std::vector<InstanceInfo> instances;
  bool operator==(const ServiceInfo&) const = default;
};

struct NameInfo {
  std::string name;
  xmpp::Jid owner;   // bare
  bool live = false; // has instances now
  bool operator==(const NameInfo&) const = default;
};

xml::Element to_element(const InstanceInfo& instance);  // <instance/>
// nullopt without a jid. Weights and loads out of range are clipped.
std::optional<InstanceInfo> instance_from(const xml::Element& instance);

// `root` is "watch" or "services". What would be larger than limits::registry_answer_bytes_max, which any server passes
// on, is said without methods; where that is not enough, without some instances of the services that have most, and `cut`
// says so. Whoever asks for "services" by pages (XEP-0059) gets all.
xml::Element to_element(std::string_view root, const std::vector<ServiceInfo>& services);
// Bad entries are left out: one bad registration must not break the list.
std::vector<ServiceInfo> services_from(const xml::Element& root);

xml::Element watch_request(const std::vector<std::string>& names);
std::vector<std::string> names_of_watch(const xml::Element& watch);

xml::Element to_element(const NameInfo& name);
xml::Element to_element(const std::vector<NameInfo>& names);
std::vector<NameInfo> names_from(const xml::Element& names);

// The address NAME@services.DOMAIN of a service: XEP-0106 escaping where the name needs it, prepared (so without
// case). nullopt when no JID can be made of it.
std::optional<xmpp::Jid> service_address(std::string_view name, std::string_view registry_domain);
// The name that an address stands for, unescaped; its case is that of the prepared localpart.
std::string name_of_address(const xmpp::Jid& address);

}  // namespace xbus::registry
