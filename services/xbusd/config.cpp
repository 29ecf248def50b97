#include "services/xbusd/config.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/precis.hpp"
#include "rpc/registry/caller_policy.hpp"
#include "services/common/similar.hpp"
#include "services/common/toml_file.hpp"
#include "services/xbusd/config_keys.hpp"

namespace xbus::xbusd {
namespace {

using common::place_of;

// What a table of the file holds, read by the keys; the first mistake is kept.
struct Reader {
  const std::string& path;
  std::string error = {};

  void wrong(const toml::node& node, std::string_view key, std::string_view wanted) {
    if (error.empty())
      error = place_of(path, node.source()) + std::string(key) + " must be " + std::string(wanted);
  }

  void checked(ConfigCheck check, std::string_view key, const toml::node& node, const std::string& value) {
    if (check == nullptr) return;
    const std::string wanted = check(value);
    if (!wanted.empty()) wrong(node, key, wanted + "; \"" + value + "\" is none");
  }

  void text(const ConfigKey& key, const toml::node& node, std::string& value) {
    if (!node.is_string()) return wrong(node, key.name, "a string");
    value = node.as_string()->get();
    checked(key.check, key.name, node, value);
    if (key.words.empty() ||
        std::find(key.words.begin(), key.words.end(), value) != key.words.end())
      return;
    std::string list;
    for (const std::string& word : key.words) list += (list.empty() ? "" : ", ") + word;
    wrong(node, key.name, "one of " + list);
  }
  void number(const ConfigKey& key, const toml::node& node, size_t& value) {
    std::string wanted =
        "an integer from " + std::to_string(key.least) + " to " + std::to_string(key.most);
    if (!node.is_integer()) return wrong(node, key.name, wanted);
    int64_t given = node.as_integer()->get();
    if (given < 0 || static_cast<uint64_t>(given) < key.least ||
        static_cast<uint64_t>(given) > key.most) {
      return wrong(node, key.name, wanted);
    }
    value = static_cast<size_t>(given);
  }
  // A list of strings, or one.
  void list(std::string_view name, const toml::node& node, std::vector<std::string>& value,
            ConfigCheck check = nullptr) {
    value.clear();
    if (node.is_string()) {
      value.push_back(node.as_string()->get());
      return checked(check, name, node, value.back());
    }
    if (!node.is_array()) return wrong(node, name, "a list of strings");
    for (const toml::node& entry : *node.as_array()) {
      if (!entry.is_string()) return wrong(entry, name, "a list of strings");
      value.push_back(entry.as_string()->get());
      checked(check, name, entry, value.back());
    }
  }
  void patterns(std::string_view name, const toml::node& node, std::vector<std::string>& value) {
    list(name, node, value);
    for (const std::string& pattern : value)
      if (!registry::CallerPolicy::right_pattern(pattern))
        wrong(node, name, "patterns of callers, [LOCAL@]DOMAIN[/RESOURCE]");
  }
  // Localparts, prepared.
  void accounts(std::string_view name, const toml::node& node, std::vector<std::string>& value) {
    list(name, node, value);
    for (std::string& account : value) {
      const auto jid = xmpp::Jid::make(account, "localhost");
      if (!jid || jid->local().empty())
        return wrong(node, name,
                     "names of accounts, without their domain; \"" + account + "\" is none");
      account = jid->local();
    }
  }
};

struct Read {
  Reader& reader;
  const ConfigKey& key;
  const toml::node& node;
  Config& config;

  void operator()(std::string Config::*member) const { reader.text(key, node, config.*member); }
  void operator()(bool Config::*member) const {
    if (!node.is_boolean()) return reader.wrong(node, key.name, "true or false");
    config.*member = node.as_boolean()->get();
  }
  void operator()(size_t Config::*member) const { reader.number(key, node, config.*member); }
  void operator()(ConfigKey::Texts Config::*member) const {
    if (key.patterns) return reader.patterns(key.name, node, config.*member);
    if (key.accounts) return reader.accounts(key.name, node, config.*member);
    reader.list(key.name, node, config.*member, key.check);
  }
  // Whoever knows that a secret is empty would log in with it.
  void operator()(std::map<std::string, std::string> Config::*member) const {
    if (!node.is_table()) return reader.wrong(node, key.name, "a table of strings");
    for (const auto& [name, entry] : *node.as_table()) {
      if (!entry.is_string()) return reader.wrong(entry, name.str(), "a string");
      const std::string& secret = entry.as_string()->get();
      if (secret.find_first_not_of(" \t\r\n") == std::string::npos)
        return reader.wrong(entry, name.str(), "a secret, not empty and not only white space");
      reader.checked(key.check_name, key.name, entry, std::string(name.str()));
      (config.*member)[std::string(name.str())] = secret;
    }
  }
  void operator()(std::map<std::string, ConfigKey::Texts> Config::*member) const {
    if (!node.is_table()) return reader.wrong(node, key.name, "a table of service names");
    for (const auto& [name, entry] : *node.as_table()) {
      reader.checked(key.check_name, key.name, entry, std::string(name.str()));
      auto& value = (config.*member)[std::string(name.str())];
      key.patterns ? reader.patterns(name.str(), entry, value)
                   : reader.list(name.str(), entry, value, key.check);
    }
  }
};

// What is wrong between keys that are right by themselves.
void check_together(Reader& reader, const toml::table& table, const Config& config) {
  if (const toml::node* listen = table.get("listen"); listen != nullptr && config.plain_loopback) {
    for (const std::string& address : config.listen)
      reader.checked(check_loopback_address, "listen, which has no TLS by plain_loopback,", *listen, address);
  }
  if (config.certificate.empty() != config.key.empty()) {
    const bool key_alone = config.certificate.empty();
    const char* alone = key_alone ? "key" : "certificate";
    reader.wrong(*table.get(alone), alone,
                 key_alone ? "given together with certificate" : "given together with key");
  }
  // Who speaks for such a domain speaks for every account, or for the registry.
  std::set<std::string> domains;
  const toml::table* components = table["components"].as_table();
  for (const auto& [name, secret] : config.components) {
    const auto jid = xmpp::Jid::parse(name);
    const auto bus = xmpp::Jid::parse(config.domain);
    const toml::node* node = components == nullptr ? nullptr : components->get(name);
    if (!jid || !bus || node == nullptr) continue;
    for (const char* own : {"", "services.", "events."})
      if (jid->str() == own + bus->str())
        reader.wrong(*node, "components",
                     "domains beside the bus; component \"" + name + "\" is a domain of the bus itself");
    if (!domains.insert(jid->str()).second)
      reader.wrong(*node, "components", "domains, each once; component \"" + name + "\" is there twice");
  }
}

std::string unknown_key(const std::string& name, const std::vector<ConfigKey>& keys) {
  std::vector<std::string> names;
  for (const ConfigKey& key : keys) names.push_back(key.name);
  const std::string near = common::similar(name, names);
  return "unknown key " + name +
         (near.empty() ? "; see xbusd.toml(5)" : "; did you mean " + near + "?");
}

}  // namespace

Result<void, std::string> read_config(const std::string& path, Config& config) {
  const auto table = common::read_toml(path);
  if (!table) return Err{table.error()};
  const std::vector<ConfigKey> keys = config_keys();
  Reader reader{path};
  for (const ConfigKey& key : keys)
    if (const toml::node* node = table->get(key.name))
      std::visit(Read{reader, key, *node, config}, key.member);
  if (reader.error.empty()) check_together(reader, *table, config);
  if (!reader.error.empty()) return Err{reader.error};
  for (const auto& [name, node] : *table) {
    const std::string given(name.str());
    if (std::none_of(keys.begin(), keys.end(),
                     [&](const ConfigKey& key) { return key.name == given; }))
      return Err{place_of(path, name.source()) + unknown_key(given, keys)};
  }
  return {};
}

std::vector<std::string> fixed_keys_changed(const Config& running, const Config& read) {
  std::vector<std::string> changed;
  for (const ConfigKey& key : config_keys())
    if (key.change == ConfigKey::Change::restart &&
        std::visit([&](auto member) { return running.*member != read.*member; }, key.member))
      changed.push_back(key.name);
  return changed;
}

void keep_fixed_keys(const Config& running, Config& read) {
  for (const ConfigKey& key : config_keys())
    if (key.change == ConfigKey::Change::restart)
      std::visit([&](auto member) { read.*member = running.*member; }, key.member);
}

Result<std::map<std::string, std::string>, std::string> read_accounts(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Err{path + ": cannot be read"};
  if ((info.st_mode & 077) != 0) return Err{path + ": others can read it (chmod 600)"};
  const auto table = common::read_toml(path);
  if (!table) return Err{table.error()};
  std::map<std::string, std::string> accounts;
  for (const auto& [name, node] : *table) {
    if (!node.is_string())
      return Err{place_of(path, node.source()) + std::string(name.str()) + " must be a string"};
    const auto jid = xmpp::Jid::make(name.str(), "localhost");
    if (!jid || jid->local().empty())
      return Err{place_of(path, node.source()) + std::string(name.str()) +
                 " must be the name of an account, without its domain"};
    if (!xmpp::precis::opaque_string(node.as_string()->get()))
      return Err{place_of(path, node.source()) + std::string(name.str()) +
                 " must have a password without control characters, and not an empty one"};
    accounts[std::string(name.str())] = node.as_string()->get();
  }
  return accounts;
}

}  // namespace xbus::xbusd
