#include "rpc/registry/kept.hpp"

#include "bus/store/store.hpp"
#include "bus/xml/element.hpp"

namespace xbus::registry {

namespace {

constexpr std::string_view names_table = "names";
constexpr std::string_view instances_table = "instances";
constexpr std::string_view watches_table = "watches";

// A name holds no line feed once it is prepared, a JID neither.
std::string joined(const std::string& key, const xmpp::Jid& jid) { return key + '\n' + jid.str(); }

// A store that cannot write says so itself.
void ignore(bool) {}

}  // namespace

void keep_name(store::Store& store, const std::string& key, const std::optional<NameInfo>& name,
               std::function<void(bool ok)> done) {
  if (name)
    store.put_entry(names_table, key, xml::write(to_element(std::vector{*name})), std::move(done));
  else
    store.remove_entry(names_table, key, std::move(done));
}

void keep_instance(store::Store& store, const std::string& key, const Instance& instance) {
  store.put_entry(instances_table, joined(key, instance.info.jid),
                  xml::write(to_element(instance.info)), ignore);
}

void forget_instance(store::Store& store, const std::string& key, const xmpp::Jid& jid) {
  store.remove_entry(instances_table, joined(key, jid), ignore);
}

void keep_watch(store::Store& store, const xmpp::Jid& watcher, const std::set<std::string>& keys) {
  if (keys.empty())
    store.remove_entry(watches_table, watcher.str(), ignore);
  else
    store.put_entry(watches_table, watcher.str(),
                    xml::write(watch_request({keys.begin(), keys.end()})), ignore);
}

Kept read_kept(store::Store& store) {
  Kept kept;
  for (const store::Entry& entry : store.entries(names_table))
    if (auto element = xml::parse(entry.value))
      for (NameInfo& name : names_from(*element)) kept.names.push_back({entry.key, std::move(name)});
  for (const store::Entry& entry : store.entries(instances_table))
    if (auto element = xml::parse(entry.value))
      if (auto info = instance_from(*element))
        kept.instances.push_back({entry.key.substr(0, entry.key.find('\n')), std::move(*info)});
  for (const store::Entry& entry : store.entries(watches_table)) {
    auto watcher = xmpp::Jid::parse(entry.key);
    auto element = xml::parse(entry.value);
    if (!watcher || !element) continue;
    std::vector<std::string> keys = names_of_watch(*element);
    kept.watches.push_back({*watcher, {keys.begin(), keys.end()}});
  }
  return kept;
}

}  // namespace xbus::registry
