#include "rpc/directory.hpp"

#include <algorithm>

#include "bus/net/timer.hpp"
#include "bus/xmpp/stanza.hpp"

namespace xbus {

using registry::InstanceInfo;
using registry::ns_registry;

namespace {

Fault fault_of(const client::Answer& answer) {
  switch (answer.kind) {
    case client::Answer::Kind::timed_out:
    case client::Answer::Kind::lost: return Fault(Fault::Kind::unavailable, "the registry does not answer");
    case client::Answer::Kind::not_sent: return Fault(Fault::Kind::unavailable, "not connected to the bus");
    default: break;
  }
  const Fault fault = fault_from(answer.error);
  if (fault.kind() == Fault::Kind::unavailable || fault.kind() == Fault::Kind::no_such_domain)
    return Fault(Fault::Kind::unavailable, "there is no registry on this bus");
  return fault;
}

}  // namespace

Directory::Directory(client::Client& client, xmpp::Jid registry, std::function<void(const xmpp::Jid&)> gone)
    : client_(client), registry_(std::move(registry)), gone_(std::move(gone)) {}

Directory::~Directory() {
  if (asking_) client_.forget(token_);
  wake([](const Waiter&) { return true; }, Fault(Fault::Kind::unavailable, "the bus is closed"));
}

std::optional<std::string> Directory::key_of(const std::string& name) const {
  const auto address = registry::service_address(name, registry_.str());
  if (!address) return {};
  return address->str();
}

Task<Result<Directory::List, Fault>> Directory::instances(std::string name, Time until) {
  const auto key = key_of(name);
  if (!key) co_return Err{Fault(Fault::Kind::unavailable, "\"" + name + "\" is no name of a service")};
  if (!online_) co_return Err{Fault(Fault::Kind::unavailable, "not connected to the bus")};
  if (const auto found = watched_.find(*key); found != watched_.end() && found->second.known)
    co_return found->second.instances;
  watched_.try_emplace(*key);
  const Completion<std::optional<Fault>> done;
  waiters_.push_back({*key, done});
  net::Timer timer(client_.loop());
  timer.start_at(until, [done] { done.complete(Fault(Fault::Kind::timeout, "the registry has not answered in time")); });
  ask();
  const std::optional<Fault> fault = co_await done;
  if (fault) co_return Err{*fault};
  const auto found = watched_.find(*key);
  if (found == watched_.end()) co_return std::make_shared<const Instances>();
  co_return found->second.instances;
}

void Directory::ask() {
  if (!online_) return;
  if (asking_) {
    ask_again_ = true;
    return;
  }
  asking_ = true;
  ask_again_ = false;
  // So that the registry sees this session end.
  if (!std::exchange(greeted_, true)) {
    xml::Element presence = xmpp::presence(xmpp::PresenceType::available, registry_);
    if (!client_.jid().is_full()) presence.set("from", client_.jid().str());  // a component says who it is
    client_.send(presence);
  }
  std::vector<std::string> keys, names;
  for (const auto& [key, watched] : watched_) {
    keys.push_back(key);
    if (const auto address = xmpp::Jid::parse(key)) names.push_back(registry::name_of_address(*address));
  }
  token_ = client_.request(registry_, "set", registry::watch_request(names), limits::call_time_default,
                           [this, keys, round = round_](const client::Answer& answer) {
                             if (round == round_) on_answer(answer, keys);
                           });
}

void Directory::on_answer(const client::Answer& answer, const std::vector<std::string>& keys) {
  asking_ = false;
  std::optional<Fault> fault;
  const xml::Element* list = nullptr;
  if (answer.kind == client::Answer::Kind::result) list = answer.stanza.first("watch", ns_registry);
  if (list) {
    for (const std::string& key : keys) {
      watched_[key] = Watched{};
      watched_[key].known = true;
    }
    for (registry::ServiceInfo& service : registry::services_from(*list))
      if (const auto key = key_of(service.name); key && watched_.contains(*key))
        watched_[*key].instances = std::make_shared<const Instances>(std::move(service.instances));
  } else {
    fault = answer.kind == client::Answer::Kind::result ? Fault(Fault::Kind::failed, "the registry answers nonsense")
                                                        : fault_of(answer);
    // What could not be asked is not watched; the next call asks anew.
    for (const std::string& key : keys)
      if (!watched_[key].known) watched_.erase(key);
  }
  if (ask_again_) ask();
  wake([&](const Waiter& waiter) { return std::find(keys.begin(), keys.end(), waiter.key) != keys.end(); }, fault);
}

void Directory::wake(const std::function<bool(const Waiter&)>& which, const std::optional<Fault>& fault) {
  // Taken out first: who is woken may come back and wait for something else.
  const auto kept = std::stable_partition(waiters_.begin(), waiters_.end(),
                                          [&](const Waiter& waiter) { return !waiter.done.done() && !which(waiter); });
  std::vector<Waiter> woken(std::make_move_iterator(kept), std::make_move_iterator(waiters_.end()));
  waiters_.erase(kept, waiters_.end());
  for (const Waiter& waiter : woken) waiter.done.complete(fault);
}

void Directory::online() {
  online_ = true;
  if (!watched_.empty()) ask();
}

void Directory::offline() {
  online_ = false;
  greeted_ = false;
  asking_ = false;
  ++round_;
  for (auto& [key, watched] : watched_) watched = Watched{};
  wake([](const Waiter&) { return true; }, Fault(Fault::Kind::unavailable, "the connection to the bus is lost"));
}

void Directory::forget(const xmpp::Jid& jid) {
  for (auto& [key, watched] : watched_) {
    const bool here = std::any_of(watched.instances->begin(), watched.instances->end(),
                                  [&](const InstanceInfo& instance) { return instance.jid == jid; });
    if (!here) continue;
    change(watched, [&](Instances& all) {
      std::erase_if(all, [&](const InstanceInfo& instance) { return instance.jid == jid; });
    });
    // The last one: the registry is asked again, in case it is only one that says so.
    if (watched.instances->empty()) watched.known = false;
  }
}

// Calls may hold the old list.
void Directory::change(Watched& watched, const std::function<void(Instances&)>& how) {
  Instances changed = *watched.instances;
  how(changed);
  watched.instances = std::make_shared<const Instances>(std::move(changed));
}

bool Directory::on_presence(const xml::Element& presence) {
  const auto from = xmpp::address(presence, "from");
  if (!from || from->domain() != registry_.domain() || !from->is_full()) return false;
  const auto watched = watched_.find(std::string(from->bare_str()));
  if (watched == watched_.end()) return true;
  const auto type = xmpp::presence_type(presence);
  const Instances& instances = *watched->second.instances;
  const xml::Element* said = presence.first("instance", ns_registry);
  const auto info = said ? registry::instance_from(*said) : std::nullopt;
  const auto known = std::find_if(instances.begin(), instances.end(), [&](const InstanceInfo& instance) {
    return info ? instance.jid == info->jid : instance.id == from->resource();
  });
  if (type == xmpp::PresenceType::unavailable) {
    if (known == instances.end()) return true;
    const xmpp::Jid jid = known->jid;
    const auto at = known - instances.begin();
    change(watched->second, [&](Instances& all) { all.erase(all.begin() + at); });
    gone_(jid);
  } else if (type == xmpp::PresenceType::available && info) {
    const auto at = known - instances.begin();
    const bool is_new = known == instances.end();
    change(watched->second, [&](Instances& all) {
      if (is_new) all.emplace_back();
      all[static_cast<size_t>(at)] = *info;
    });
  }
  return true;
}

}  // namespace xbus
