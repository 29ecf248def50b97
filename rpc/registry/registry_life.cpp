// Whether those who are listed still live, and what they offer.
#include "bus/crypto/random.hpp"
#include "bus/limits_registry.hpp"
#include "bus/xmpp/ping.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/metadata.hpp"
#include "rpc/registry/kept.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

constexpr auto tick_time = std::chrono::seconds(1);

xml::Element request(std::string_view id, const std::string& from, const xmpp::Jid& to,
                     xml::Element payload) {
  xml::Element out = xmpp::iq(xmpp::IqType::get, id, to, std::move(payload));
  out.set("from", from);
  return out;
}

// The first value of a field, where it is no longer than what is kept.
std::string text_of(const xmpp::Form& form, std::string_view var) {
  const std::string_view value = form.value(var).value_or("");
  return std::string(value.size() <= limits::interface_text_bytes_max ? value : "");
}

// Nothing where the list is too long to be kept: then calls of any method go to the instance.
std::vector<std::string> methods_of(const xmpp::Form& form) {
  const xmpp::Field* methods = form.field("methods");
  if (!methods) return {};
  std::vector<std::string> out;
  size_t bytes = 0;
  for (const std::string& method : methods->values) {
    bytes += method.size();
    if (method.size() > limits::interface_text_bytes_max || bytes > limits::interface_methods_bytes_max)
      return {};
    // A list of methods is written with spaces between them.
    if (!method.empty() && method.find(' ') == method.npos) out.push_back(method);
  }
  return out;
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
  for (const xmpp::Jid& jid : due.give_up) give_up(jid);
  for (const std::string& key : undescribed_.keys()) take_up(key);
  tick_->start(tick_time, [this] { tick(); });
}

void Registry::ask(const xmpp::Jid& jid) {
  const std::string id = "ping-" + crypto::random_id(8);
  liveness_.asked(jid, id, now());
  send(request(id, options_.domain, jid, xmpp::ping()));
}

void Registry::ask_about(const xmpp::Jid& jid) {
  send(request("info-" + crypto::random_id(8), options_.domain, jid, xmpp::disco_info_query()));
}

// It may only be slow, or its network: it is told, so that it can register again.
void Registry::give_up(const xmpp::Jid& party) {
  const xmpp::Jid jid = party;
  for (const std::string& key : instances_.keys_of(jid)) {
    xml::Element told = xmpp::presence(xmpp::PresenceType::error, jid);
    told.set("from", instances_.find(key, jid)->service.str());
    send(std::move(told.with(xmpp::to_element(
        xmpp::StanzaError(xmpp::Condition::remote_server_timeout, "no answer to a ping")))));
  }
  drop_party(jid);
}

// Every answer to the registry's own address comes here; the address says who lives, the payload what it offers.
void Registry::on_own_answer(const xml::Element& stanza, const xmpp::Jid& from) {
  const bool error = xmpp::iq_type(stanza) == xmpp::IqType::error;
  if (error && !proves_life(stanza)) {
    const std::string_view id = stanza.attr_or("id", "");
    if (!liveness_.awaits(from, id)) {
      if (id.starts_with("info-")) await_no_longer(from);
      return;
    }
    // A client without ping (0199) answers as a server does for a session that is gone. One that has described itself
    // is asked for that once more before it is given up.
    if (!id.starts_with("ping-") || described_.erase(from) == 0) return drop_party(from);
    const std::string again = "info-" + crypto::random_id(8);
    liveness_.asked(from, again, now());
    return send(request(again, options_.domain, from, xmpp::disco_info_query()));
  }
  liveness_.heard(from, now());
  if (const xml::Element* query = stanza.first("query", xmpp::ns_disco_info); query && !error)
    if (const auto info = xmpp::disco_info_from(*query)) learn(*info, from);
  if (error && stanza.attr_or("id", "").starts_with("info-")) await_no_longer(from);
  confirm(from);
}

void Registry::learn(const xmpp::DiscoInfo& info, const xmpp::Jid& from) {
  if (liveness_.tracked(from)) described_.insert(from);
  const xmpp::Form* form = info.form(form_interface);
  for (const std::string& key : instances_.keys_of(from)) {
    Instance& instance = *instances_.find(key, from);
    const InstanceInfo before = instance.info;
    instance.described = true;
    instance.rpc = info.has_feature(jabber_rpc::ns);
    instance.takes_metadata = info.has_feature(ns_call);
    if (form) {
      // The spelling is taken only when it is the same name.
      const std::string spelling(form->value("name").value_or(""));
      const auto address = service_address(spelling, options_.domain);
      if (address && name_of_address(*address) == key &&
          spelling.size() <= limits::interface_text_bytes_max)
        instance.spelling = spelling;
    }
    instance.info.version = form ? text_of(*form, "version") : "";
    instance.info.hash = form ? text_of(*form, "hash") : "";
    instances_.set_methods(instance, form ? methods_of(*form) : std::vector<std::string>());
    if (instance.confirmed && !(before == instance.info)) {
      keep_instance(store_, key, instance);
      push(key, instance.info, xmpp::PresenceType::available);
    }
    take_up(key);
  }
}

void Registry::await_description(Instance& instance) {
  if (!instance.described) instance.describes_by = now() + limits::describe_answer_time;
}

// It does not say what it is: then it is called as one that knows nothing of ours.
void Registry::await_no_longer(const xmpp::Jid& jid) {
  for (const std::string& key : instances_.keys_of(jid)) {
    instances_.find(key, jid)->describes_by = {};
    take_up(key);
  }
}

// Lists what was known before the restart and has answered.
void Registry::confirm(const xmpp::Jid& jid) {
  for (const std::string& key : instances_.keys_of(jid)) {
    Instance& instance = *instances_.find(key, jid);
    if (std::exchange(instance.confirmed, true)) continue;
    push(key, instance.info, xmpp::PresenceType::available);
    await_description(instance);
    if (!instance.described) ask_about(jid);
  }
}

void Registry::restore() {
  Kept kept = read_kept(store_);
  for (Kept::Name& name : kept.names) names_.set(name.key, std::move(name.info));
  for (Kept::Listed& listed : kept.instances) {
    const auto service = service_address(listed.key, options_.domain);
    // The name may have been taken away while nobody was here.
    if (!service || !names_.owns(listed.key, listed.info.jid.bare())) {
      forget_instance(store_, listed.key, listed.info.jid);
      continue;
    }
    const std::string pays = payer(listed.info.jid);
    Instance& instance = instances_.add({listed.key, listed.info.jid, *service, pays}).instance;
    auto methods = std::exchange(listed.info.methods, {});
    instance.info = std::move(listed.info);
    instances_.set_methods(instance, std::move(methods));
    liveness_.track(instance.info.jid, now());
  }
  for (Kept::Watch& watch : kept.watches)
    if (watches_.set(watch.watcher, payer(watch.watcher), std::move(watch.keys)))
      liveness_.track(watch.watcher, now());
    else
      keep_watch(store_, watch.watcher, {});
}

}  // namespace xbus::registry
