// Who owns a name: given, released, claimed. A change is on disk before anybody sees it.
#include "bus/limits_registry.hpp"
#include "rpc/registry/kept.hpp"
#include "rpc/registry/registry.hpp"

namespace xbus::registry {

namespace {

xmpp::StanzaError not_kept() {
  return {xmpp::Condition::internal_server_error, "the registry cannot write to its store"};
}

}  // namespace

// Writes the name down (nullopt: that nobody owns it), then it holds. `then` is told whether it does.
void Registry::change_name(const std::string& key, std::optional<NameInfo> name,
                           std::function<void(bool kept)> then) {
  names_.begin(key, name ? name->owner : xmpp::Jid());
  keep_name(store_, key, name,
            [this, alive = std::weak_ptr<bool>(alive_), &loop = port_->loop(), key, name,
             then = std::move(then)](bool ok) {
              loop.post([this, alive, key, name, then, ok] {
                if (alive.expired()) return;
                names_.end(key);
                if (ok && name) names_.set(key, *name);
                if (ok && !name) names_.release(key);
                then(ok);
                auto held = held_.extract(key);
                if (held.empty()) return;
                for (const xml::Element& stanza : held.mapped()) on_stanza(stanza);
              });
            });
}

// Until the name's owner is written down.
void Registry::hold(const std::string& key, const xml::Element& stanza) {
  auto& held = held_[key];
  if (held.size() >= limits::held_stanzas_per_name_max)
    return answer(stanza, {xmpp::ErrorType::wait, xmpp::Condition::resource_constraint,
                           "the name's owner is being written down"});
  held.push_back(stanza);
}

// The first who registers a free name owns it from when it is on disk; then `then`.
void Registry::take_name(const xml::Element& stanza, const std::string& key, const xmpp::Jid& owner,
                         std::function<void()> then) {
  change_name(key, NameInfo{key, owner, false}, [this, stanza, then = std::move(then)](bool kept) {
    if (!kept) return answer(stanza, not_kept());
    if (port_) then();
  });
}

// The topic that needs the name is written behind it and answered when both are on disk, so the name holds meanwhile.
bool Registry::claim_name(std::string_view name, const xmpp::Jid& account) {
  const auto key = key_of_name(name);
  if (!key || !port_) return false;
  // A topic that is made by the way is asked about twice, the second time while the first is being written down.
  if (names_.changing(*key)) return names_.owns(*key, account.bare());
  const auto claimed = names_.claim(*key, account.bare());
  if (!claimed) return false;
  if (*claimed == Names::Standing::owner) return true;
  const NameInfo taken{*key, account.bare(), false};
  names_.set(*key, taken);
  change_name(*key, taken, [this, key = *key](bool kept) {
    if (!kept) names_.release(key);
  });
  return true;
}

void Registry::on_give(const xml::Element& stanza, const xmpp::Jid& from) {
  if (!options_.is_admin(from)) return answer(stanza, xmpp::Condition::forbidden);
  const xml::Element& give = *stanza.first_element();
  const std::string name(give.attr_or("name", ""));
  const auto address = service_address(name, options_.domain);
  const auto owner = xmpp::Jid::parse(give.attr_or("owner", ""));
  if (!address || !owner) return answer(stanza, xmpp::Condition::bad_request);
  const std::string key = key_of(*address);
  if (names_.changing(key)) return hold(key, stanza);
  if (names_.configured(key))
    return answer(stanza, {xmpp::Condition::not_allowed, "the configuration gives this name"});
  change_name(key, NameInfo{name, owner->bare(), false}, [this, stanza, key](bool kept) {
    if (!kept) return answer(stanza, not_kept());
    answer(stanza);
    drop_disowned(key);
  });
}

void Registry::on_release(const xml::Element& stanza, const xmpp::Jid& from) {
  const std::string name(stanza.first_element()->attr_or("name", ""));
  const auto address = service_address(name, options_.domain);
  if (!address) return answer(stanza, xmpp::Condition::bad_request);
  const std::string key = key_of(*address);
  if (names_.changing(key)) return hold(key, stanza);
  const auto owner = names_.owner(key);
  if (!options_.is_admin(from) && (!owner || *owner != from.bare()))
    return answer(stanza, xmpp::Condition::forbidden);
  if (names_.configured(key) || !owner) return answer(stanza, xmpp::Condition::item_not_found);
  change_name(key, {}, [this, stanza, key](bool kept) {
    if (!kept) return answer(stanza, not_kept());
    answer(stanza);
    drop_disowned(key);
  });
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

}  // namespace xbus::registry
