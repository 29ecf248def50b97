// Registering and leaving: what the registry does with presence.
#include "bus/xmpp/caps.hpp"
#include "rpc/registry/kept.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

xmpp::StanzaError error_of(Refusal refusal, std::string text) {
  switch (refusal) {
    case Refusal::conflict: return {xmpp::Condition::conflict, std::move(text)};
    case Refusal::forbidden: return {xmpp::Condition::forbidden, std::move(text)};
    case Refusal::resource_constraint: break;
  }
  return {xmpp::Condition::resource_constraint, std::move(text)};
}

// What the presence itself says of the instance. True when anything is new.
bool read_presence(const xml::Element& presence, Instance& instance) {
  const InstanceInfo before = instance.info;
  const xml::Element* show = presence.first("show", presence.ns());
  instance.info.state = instance_state_of(show ? show->text() : "available");
  if (const xml::Element* own = presence.first("instance", ns_registry)) {
    xml::Element named = *own;
    named.set("jid", instance.info.jid.str());
    if (auto said = instance_from(named)) {
      instance.info.weight = said->weight;
      instance.info.load = said->load;
    }
  }
  return !(before == instance.info);
}

// Empty without caps, or with some too long to be kept: then disco#info is asked for each time.
std::string caps_of(const xml::Element& presence) {
  const auto caps = xmpp::caps_from(presence);
  std::string said = caps ? caps->disco_node() : std::string();
  return said.size() <= limits::interface_text_bytes_max ? said : std::string();
}

}  // namespace

void Registry::on_presence(const xml::Element& stanza, const xmpp::Jid& from, const xmpp::Jid& to) {
  const auto type = xmpp::presence_type(stanza);
  if (!type) return;
  if (!to.local().empty() && names_.changing(key_of(to))) return hold(key_of(to), stanza);
  switch (*type) {
    case xmpp::PresenceType::available:
      liveness_.heard(from, now());
      if (!to.local().empty()) register_instance(stanza, from, to);
      break;
    case xmpp::PresenceType::unavailable:
      if (!to.local().empty()) {
        drop_instance(key_of(to), from);
        break;
      }
      cancel_all_of(from);
      drop_watch(from);
      break;
    case xmpp::PresenceType::error:
      // What was pushed could not be delivered: whoever watched there is gone.
      drop_watch(from);
      break;
    case xmpp::PresenceType::subscribe: {
      // A service address is no contact: say so rather than leave the request open.
      xml::Element no = xmpp::presence(xmpp::PresenceType::unsubscribed, from.bare());
      send(std::move(no.set("from", to.bare().str())));
      break;
    }
    default: break;
  }
}

void Registry::register_instance(const xml::Element& stanza, const xmpp::Jid& from,
                                 const xmpp::Jid& to) {
  const std::string key = key_of(to);
  // An account is an instance only as one of its sessions; a component has no resource.
  if (!from.is_full() && !from.is_domain()) return;
  // One name has one address: no other escaping of it (XEP-0106), no space around it.
  if (service_address(key, options_.domain) != to.bare())
    return answer(stanza, {xmpp::Condition::jid_malformed, "this is not how the name is written"});
  const auto claimed = names_.claim(key, from.bare());
  if (!claimed) {
    const auto owner = names_.owner(key);
    return refuse(stanza, claimed.error(),
                  claimed.error() == Refusal::conflict && owner
                      ? "the name belongs to " + owner->str()
                  : claimed.error() == Refusal::forbidden ? "only the operator gives this name"
                                                          : "this account owns too many names");
  }
  if (*claimed == Names::Standing::owner) return list_instance(stanza, from, to);
  take_name(stanza, key, from.bare(), [this, stanza, from, to] { list_instance(stanza, from, to); });
}

// The account of `from` owns the name.
void Registry::list_instance(const xml::Element& stanza, const xmpp::Jid& from,
                             const xmpp::Jid& to) {
  const std::string key = key_of(to);
  const std::string pays = payer(from);
  if (!instances_.find(key, from) && !instances_.room(key, pays))
    return refuse(stanza, Refusal::resource_constraint,
                  "this service or this account has too many instances");

  auto [instance, added] = instances_.add({key, from, to.bare(), pays});
  if (added) {
    instance.info.since = port_->loop().wall();
    liveness_.track(from, now());
  }
  const bool confirmed = std::exchange(instance.confirmed, true);
  const bool changed = read_presence(stanza, instance);
  // Only what speaks of itself in our way may have our feature; a client that does not is called as it is at once.
  if ((added || !confirmed) && stanza.first("instance", ns_registry)) await_description(instance);
  const std::string caps = caps_of(stanza);
  const bool redescribe = !instance.described || caps.empty() || caps != instance.caps;
  instance.caps = caps;

  xml::Element listed = xmpp::presence(xmpp::PresenceType::available, from);
  listed.set("from", to.bare().str());
  if (const std::string* id = stanza.attr("id")) listed.set("id", *id);
  send(std::move(listed.with(to_element(instance.info))));

  if (added || !confirmed || changed) {
    keep_instance(store_, key, instance);
    push(key, instance.info, xmpp::PresenceType::available);
  }
  if (redescribe) ask_about(from);
}

void Registry::refuse(const xml::Element& stanza, Refusal refusal, std::string text) {
  answer(stanza, error_of(refusal, std::move(text)));
}

void Registry::drop_instance(const std::string& key, const xmpp::Jid& jid) {
  const Instance* found = instances_.find(key, jid);
  if (!found) return;
  const Instance gone = *found;
  instances_.remove(key, gone.info.jid);
  forget_instance(store_, key, gone.info.jid);
  untrack(gone.info.jid);
  push(key, gone.info, xmpp::PresenceType::unavailable);
  take_up(key);
  if (gone.outstanding == 0) return;
  for (const Dispatched& call : dispatches_.take_of(key, gone.info.jid)) fail_lost(call);
  arm_deadline();
}

void Registry::drop_party(const xmpp::Jid& party) {
  const xmpp::Jid jid = party;  // may live in what is about to be removed
  cancel_all_of(jid);
  for (const std::string& key : instances_.keys_of(jid)) drop_instance(key, jid);
  drop_watch(jid);
}

void Registry::drop_watch(const xmpp::Jid& watcher) {
  const xmpp::Jid jid = watcher;
  if (!watches_.remove(jid)) return;
  keep_watch(store_, jid, {});
  untrack(jid);
}

void Registry::untrack(const xmpp::Jid& jid) {
  liveness_.untrack(jid);
  if (!liveness_.tracked(jid)) described_.erase(jid);
}

void Registry::push(const std::string& key, const InstanceInfo& instance,
                    xmpp::PresenceType type) {
  const auto service = service_address(key, options_.domain);
  if (!service) return;
  const auto from = service->with_resource(instance.id);
  for (const xmpp::Jid& watcher : watches_.of(key)) {
    if (!visible(watcher, key)) continue;
    xml::Element presence = xmpp::presence(type, watcher);
    presence.set("from", from ? from->str() : service->str());
    if (instance.state != InstanceState::available && type == xmpp::PresenceType::available)
      presence.add("show").add_text(name_of(instance.state));
    send(std::move(presence.with(to_element(instance))));
  }
}

}  // namespace xbus::registry
