#include "rpc/registry/instances.hpp"

#include <algorithm>

#include "bus/limits.hpp"

namespace xbus::registry {

namespace {

size_t bytes_of(const std::vector<std::string>& methods) {
  size_t bytes = 0;
  for (const std::string& method : methods) bytes += sizeof(std::string) + method.size();
  return bytes;
}

}  // namespace

bool Instances::room(const std::string& key, const std::string& payer) const {
  const List* list = of(key);
  if (list && list->size() >= limits::instances_per_name_max) return false;
  const auto paid = by_payer_.find(payer);
  return paid == by_payer_.end() || paid->second.instances < limits::instances_per_account_max;
}

void Instances::set_methods(Instance& instance, std::vector<std::string> methods) {
  size_t& paid = by_payer_[instance.payer].bytes;
  paid -= bytes_of(instance.info.methods);
  if (paid + bytes_of(methods) > limits::interface_bytes_per_account_max) methods.clear();
  paid += bytes_of(methods);
  instance.info.methods = std::move(methods);
}

Instances::Added Instances::add(const Who& who) {
  const std::string& key = who.key;
  const xmpp::Jid& jid = who.jid;
  auto [entry, added] = services_[key].try_emplace(jid.str());
  Instance& instance = entry->second;
  if (added) {
    instance.info.jid = jid;
    instance.service = who.service;
    instance.payer = who.payer;
    ++by_payer_[who.payer].instances;
    // The resource is the instance id; two accounts under one name may use the same one.
    const std::string_view resource = jid.resource();
    const bool taken = std::any_of(services_[key].begin(), services_[key].end(), [&](const auto& other) {
      return other.second.info.id == resource;
    });
    instance.info.id = resource.empty() || taken ? jid.str() : std::string(resource);
    keys_[jid].push_back(key);
  }
  return {instance, added};
}

bool Instances::remove(const std::string& key, const xmpp::Jid& jid) {
  auto service = services_.find(key);
  if (service == services_.end()) return false;
  const auto found = service->second.find(jid.str());
  if (found == service->second.end()) return false;
  set_methods(found->second, {});
  const auto paid = by_payer_.find(found->second.payer);
  if (--paid->second.instances == 0) by_payer_.erase(paid);
  service->second.erase(found);
  if (service->second.empty()) services_.erase(service);
  auto keys = keys_.find(jid);
  std::erase(keys->second, key);
  if (keys->second.empty()) keys_.erase(keys);
  return true;
}

Instance* Instances::find(const std::string& key, const xmpp::Jid& jid) {
  auto service = services_.find(key);
  if (service == services_.end()) return nullptr;
  auto instance = service->second.find(jid.str());
  return instance == service->second.end() ? nullptr : &instance->second;
}

Instances::List* Instances::of(const std::string& key) {
  auto service = services_.find(key);
  return service == services_.end() ? nullptr : &service->second;
}

const Instances::List* Instances::of(const std::string& key) const {
  auto service = services_.find(key);
  return service == services_.end() ? nullptr : &service->second;
}

std::vector<std::string> Instances::keys_of(const xmpp::Jid& jid) const {
  auto keys = keys_.find(jid);
  return keys == keys_.end() ? std::vector<std::string>{} : keys->second;
}

ServiceInfo Instances::describe(const std::string& key) const {
  ServiceInfo out{key, false, {}};
  const List* list = of(key);
  if (!list) return out;
  std::optional<std::string> hash;
  bool spelled = false;
  for (const auto& [text, instance] : *list) {
    if (!instance.confirmed) continue;
    out.instances.push_back(instance.info);
    if (!instance.described) continue;
    if (!spelled && !instance.spelling.empty()) {
      out.name = instance.spelling;
      spelled = true;
    }
    if (hash && *hash != instance.info.hash) out.mixed = true;
    hash = instance.info.hash;
  }
  return out;
}

}  // namespace xbus::registry
