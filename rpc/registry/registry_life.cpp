// Whether those who are listed still live, and what they offer.
#include "bus/crypto/random.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/kept.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

constexpr std::string_view ns_ping = "urn:xmpp:ping";
constexpr std::string_view ns_info = "http://jabber.org/protocol/disco#info";
constexpr std::string_view ns_data = "jabber:x:data";
constexpr auto tick_time = std::chrono::seconds(1);

xml::Element request(std::string_view id, const std::string& from, const xmpp::Jid& to,
                     xml::Element payload) {
  xml::Element out = xmpp::iq(xmpp::IqType::get, id, to, std::move(payload));
  out.set("from", from);
  return out;
}

// The values of one field of the interface form.
std::vector<std::string> field(const xml::Element& info, std::string_view form_type,
                               std::string_view name) {
  for (const xml::Element* form : info.elements("x", ns_data)) {
    std::vector<std::string> values;
    bool right = false;
    for (const xml::Element* one : form->elements("field", ns_data)) {
      const std::string_view var = one->attr_or("var", "");
      const xml::Element* first = one->first("value", ns_data);
      if (var == "FORM_TYPE") right = first && first->text() == form_type;
      if (var != name) continue;
      for (const xml::Element* value : one->elements("value", ns_data))
        values.push_back(value->text());
    }
    if (right) return values;
  }
  return {};
}

std::string first_of(const std::vector<std::string>& values) {
  return values.empty() ? std::string() : values.front();
}

// An error that only a living client gives; the others are what servers say of sessions that are gone.
bool proves_life(const xml::Element& error) {
  switch (xmpp::stanza_error_from(error).condition) {
    case xmpp::Condition::feature_not_implemented:
    case xmpp::Condition::bad_request:
    case xmpp::Condition::forbidden:
    case xmpp::Condition::not_allowed:
    case xmpp::Condition::not_acceptable:
    case xmpp::Condition::resource_constraint: return true;
    default: return false;
  }
}

}  // namespace

void Registry::tick() {
  const auto due = liveness_.due(now(), limits::instance_silence_time, limits::instance_ping_time);
  for (const xmpp::Jid& jid : due.ask) ask(jid);
  for (const xmpp::Jid& jid : due.give_up) drop_party(jid);
  tick_->start(tick_time, [this] { tick(); });
}

void Registry::ask(const xmpp::Jid& jid) {
  liveness_.asked(jid, now());
  send(request("ping-" + crypto::random_id(8), options_.domain, jid,
               xml::Element("ping", std::string(ns_ping))));
}

void Registry::ask_about(const std::string&, Instance& instance) {
  send(request("info-" + crypto::random_id(8), options_.domain, instance.info.jid,
               xml::Element("query", std::string(ns_info))));
}

// Every answer to the registry's own address comes here; the address says who lives, the payload what it offers.
void Registry::on_own_answer(const xml::Element& stanza, const xmpp::Jid& from) {
  const bool error = xmpp::iq_type(stanza) == xmpp::IqType::error;
  if (error && !proves_life(stanza)) {
    // A client without ping (0199) answers as a server does for a session that is gone. One that has described itself
    // is asked for that once more before it is given up.
    const bool was_ping = stanza.attr_or("id", "").starts_with("ping-");
    const bool answers_disco = described_.contains(from);
    if (!was_ping || !answers_disco) return drop_party(from);
    described_.erase(from);
    return send(request("info-" + crypto::random_id(8), options_.domain, from,
                        xml::Element("query", std::string(ns_info))));
  }
  liveness_.heard(from, now());
  if (!error)
    if (const xml::Element* info = stanza.first("query", ns_info)) learn(*info, from);
  confirm(from);
}

void Registry::learn(const xml::Element& info, const xmpp::Jid& from) {
  if (liveness_.tracked(from)) described_.insert(from);
  bool rpc = false, metadata = false;
  for (const xml::Element* feature : info.elements("feature", ns_info)) {
    rpc |= feature->attr_or("var", "") == jabber_rpc::ns;
    metadata |= feature->attr_or("var", "") == ns_call;
  }
  for (const std::string& key : instances_.keys_of(from)) {
    Instance& instance = *instances_.find(key, from);
    const InstanceInfo before = instance.info;
    instance.described = true;
    instance.rpc = rpc;
    instance.takes_metadata = metadata;
    // The spelling is taken only when it is the same name.
    const std::string spelling = first_of(field(info, form_interface, "name"));
    const auto address = service_address(spelling, options_.domain);
    if (address && name_of_address(*address) == key) instance.spelling = spelling;
    instance.info.version = first_of(field(info, form_interface, "version"));
    instance.info.hash = first_of(field(info, form_interface, "hash"));
    instance.info.methods = field(info, form_interface, "methods");
    if (instance.confirmed && !(before == instance.info)) {
      keep_instance(store_, key, instance);
      push(key, instance.info, xmpp::PresenceType::available);
    }
  }
}

// Lists what was known before the restart and has answered.
void Registry::confirm(const xmpp::Jid& jid) {
  for (const std::string& key : instances_.keys_of(jid)) {
    Instance& instance = *instances_.find(key, jid);
    if (std::exchange(instance.confirmed, true)) continue;
    push(key, instance.info, xmpp::PresenceType::available);
    if (!instance.described) ask_about(key, instance);
  }
}

void Registry::restore() {
  Kept kept = read_kept(store_);
  for (Kept::Name& name : kept.names) names_.restore(name.key, std::move(name.info));
  for (Kept::Listed& listed : kept.instances) {
    const auto service = service_address(listed.key, options_.domain);
    // The name may have been taken away while nobody was here.
    if (!service || !names_.owns(listed.key, listed.info.jid.bare())) continue;
    Instance& instance = instances_.add(listed.key, listed.info.jid, *service).instance;
    instance.info = std::move(listed.info);
    liveness_.track(instance.info.jid, now());
  }
  for (Kept::Watch& watch : kept.watches)
    if (watches_.set(watch.watcher, std::move(watch.keys))) liveness_.track(watch.watcher, now());
}

}  // namespace xbus::registry
