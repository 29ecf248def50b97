#include "rpc/registry/registry.hpp"

#include "bus/crypto/random.hpp"
#include "bus/store/store.hpp"

namespace xbus::registry {

Registry::Registry(RegistryOptions options, store::Store& store)
    : options_(std::move(options)),
      store_(store),
      names_(options_.names),
      random_(options_.seed) {
  if (!options_.is_admin) options_.is_admin = [](const xmpp::Jid&) { return false; };
}

Registry::~Registry() = default;

void Registry::on_connected(xmpp::EntityPort& port) {
  port_ = &port;
  tick_ = std::make_unique<net::Timer>(port.loop());
  deadline_ = std::make_unique<net::Timer>(port.loop());
  if (!restored_) restore();
  restored_ = true;
  // What happened while nobody could reach the registry is not known: everyone is asked.
  liveness_.doubt_all();
  tick();
  arm_deadline();
}

void Registry::on_disconnected() {
  tick_.reset();
  deadline_.reset();
  // What is dispatched stays: its instance may answer over the next connection, and if not its deadline ends it.
  port_ = nullptr;
}

void Registry::on_stanza(const xml::Element& stanza) {
  if (!port_) return;
  const auto from = xmpp::address(stanza, "from");
  const auto to = xmpp::address(stanza, "to");
  if (!from || !to || from->empty() || to->empty()) return;
  // Nothing the registry says is meant for itself; this also ends any loop.
  if (from->domain() == options_.domain) return;
  if (stanza.name() == "presence") {
    on_presence(stanza, *from, *to);
  } else if (stanza.name() == "iq") {
    on_iq(stanza, *from, *to);
  } else if (stanza.name() == "message") {
    on_message(stanza, *from, *to, now());
  }
}

std::vector<ServiceInfo> Registry::services() const {
  std::vector<ServiceInfo> out;
  for (const auto& [key, list] : instances_.all())
    if (ServiceInfo service = instances_.describe(key); !service.instances.empty())
      out.push_back(std::move(service));
  return out;
}

Registry::Numbers Registry::numbers() const {
  Numbers numbers;
  for (const InstanceState state : {InstanceState::available, InstanceState::away, InstanceState::dnd})
    numbers.instances[state] = 0;
  for (const auto& [key, list] : instances_.all()) {
    uint64_t live = 0;
    for (const auto& [jid, instance] : list) {
      if (!instance.confirmed) continue;
      ++live;
      ++numbers.instances[instance.info.state];
    }
    if (live > 0) ++numbers.services;
  }
  numbers.watches = watches_.size();
  numbers.names = names_.list().size();
  numbers.dispatched = dispatched_;
  numbers.dispatching = dispatches_.size();
  numbers.conversations = conversations_.size();
  numbers.failed_writes = store_.failed_writes();
  return numbers;
}

bool Registry::visible(const xmpp::Jid& caller, const std::string& key) const {
  return options_.is_admin(caller) || options_.callers.may_call(caller, key) ||
         names_.owns(key, caller.bare());
}

std::optional<std::string> Registry::key_of_name(std::string_view name) const {
  auto address = service_address(name, options_.domain);
  if (!address) return {};
  return key_of(*address);
}

bool Registry::owns_name(std::string_view name, const xmpp::Jid& account) const {
  auto key = key_of_name(name);
  return key && names_.owns(*key, account.bare());
}

bool Registry::has_owner(std::string_view name) const {
  auto key = key_of_name(name);
  return key && names_.owner(*key).has_value();
}

std::string Registry::payer(const xmpp::Jid& jid) const {
  return std::string(jid.domain() == options_.names.bus_domain ? jid.bare_str() : jid.domain());
}

void Registry::answer(const xml::Element& request, std::optional<xml::Element> payload) {
  send(xmpp::result_for(request, std::move(payload)));
}

void Registry::answer(const xml::Element& request, const xmpp::StanzaError& error) {
  if (auto reply = xmpp::error_for(request, error)) send(std::move(*reply));
}

void Registry::send(xml::Element stanza) {
  if (port_) port_->send(stanza);
}

}  // namespace xbus::registry
