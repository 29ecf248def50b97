#include "services/xbusd/config.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "rpc/registry/caller_policy.hpp"
#include "rpc/registry/protocol.hpp"
#include "services/common/toml_file.hpp"

namespace xbus::xbusd {
namespace {

using common::place_of;

struct Reader {
  const std::string& path;
  const toml::table& table;
  std::set<std::string> known = {};
  std::string error = {};

  const toml::node* find(std::string_view key) {
    known.emplace(key);
    return table.get(key);
  }
  void wrong(const toml::node& node, std::string_view key, std::string_view wanted) {
    if (error.empty())
      error = place_of(path, node.source()) + std::string(key) + " must be " + std::string(wanted);
  }

  void text(std::string_view key, std::string& value, const std::set<std::string>& allowed = {}) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_string()) return wrong(*node, key, "a string");
    value = node->as_string()->get();
    if (allowed.empty() || allowed.contains(value)) return;
    std::string list;
    for (const std::string& word : allowed) list += (list.empty() ? "" : ", ") + word;
    wrong(*node, key, "one of " + list);
  }
  void flag(std::string_view key, bool& value) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) return wrong(*node, key, "true or false");
    value = node->as_boolean()->get();
  }
  void number(std::string_view key, size_t& value, size_t least, size_t most) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    std::string wanted = "an integer from " + std::to_string(least) + " to " + std::to_string(most);
    if (!node->is_integer()) return wrong(*node, key, wanted);
    int64_t given = node->as_integer()->get();
    if (given < 0 || static_cast<uint64_t>(given) < least || static_cast<uint64_t>(given) > most) {
      return wrong(*node, key, wanted);
    }
    value = static_cast<size_t>(given);
  }
  void list(std::string_view key, std::vector<std::string>& value) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    value.clear();
    if (node->is_string()) {
      value.push_back(node->as_string()->get());
      return;
    }
    if (!node->is_array()) return wrong(*node, key, "a list of strings");
    for (const toml::node& entry : *node->as_array()) {
      if (!entry.is_string()) return wrong(entry, key, "a list of strings");
      value.push_back(entry.as_string()->get());
    }
  }
  void lists(std::string_view key, std::map<std::string, std::vector<std::string>>& value) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_table()) return wrong(*node, key, "a table of names");
    Reader inner{path, *node->as_table()};
    for (const auto& [name, entry] : *node->as_table()) {
      inner.list(name.str(), value[std::string(name.str())]);
    }
    if (error.empty()) error = inner.error;
  }
  // Patterns of callers: a list, or one list a service name.
  void patterns(std::string_view key, std::vector<std::string>& value) {
    list(key, value);
    const toml::node* node = table.get(key);
    for (const std::string& pattern : value)
      if (!registry::CallerPolicy::right_pattern(pattern))
        wrong(*node, key, "patterns of callers, [LOCAL@]DOMAIN[/RESOURCE]");
  }
  void patterns(std::string_view key, std::map<std::string, std::vector<std::string>>& value) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_table()) return wrong(*node, key, "a table of service names");
    Reader inner{path, *node->as_table()};
    for (const auto& [name, entry] : *node->as_table()) {
      if (!registry::service_address(name.str(), "localhost"))
        inner.wrong(entry, key, "a table of service names");
      inner.patterns(name.str(), value[std::string(name.str())]);
    }
    if (error.empty()) error = inner.error;
  }
  void strings(std::string_view key, std::map<std::string, std::string>& value) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_table()) return wrong(*node, key, "a table of strings");
    for (const auto& [name, entry] : *node->as_table()) {
      if (!entry.is_string()) return wrong(entry, name.str(), "a string");
      value[std::string(name.str())] = entry.as_string()->get();
    }
  }
  void finish() {
    for (const auto& [name, node] : table) {
      if (error.empty() && !known.contains(std::string(name.str()))) {
        error = place_of(path, name.source()) + "unknown key " + std::string(name.str());
      }
    }
  }
};

}  // namespace

Result<void, std::string> read_config(const std::string& path, Config& config) {
  const auto table = common::read_toml(path);
  if (!table) return Err{table.error()};
  Reader reader{path, *table};
  reader.text("domain", config.domain);
  reader.text("socket", config.socket);
  reader.list("listen", config.listen);
  reader.list("listen_tls", config.listen_tls);
  reader.list("component_listen", config.component_listen);
  reader.flag("plain_loopback", config.plain_loopback);
  reader.list("plain_loopback_listen", config.plain_loopback_listen);
  reader.text("certificate", config.certificate);
  reader.text("key", config.key);
  reader.text("client_ca", config.client_ca);
  reader.text("data", config.data);
  reader.list("admins", config.admins);
  reader.strings("components", config.components);
  reader.text("accounts_file", config.accounts_file);
  reader.text("claim", config.claim, {"first", "policy"});
  reader.lists("names", config.names);
  reader.patterns("callers", config.callers);
  reader.patterns("strict_callers", config.strict_callers);
  reader.patterns("name_callers", config.name_callers);
  reader.patterns("name_strict_callers", config.name_strict_callers);
  reader.text("metrics", config.metrics);
  reader.number("threads", config.threads, 0, 1024);
  reader.text("log", config.log, {"text", "json"});
  reader.text("log_level", config.log_level, {"debug", "info", "warn", "error"});
  reader.number("stanza_bytes_max", config.stanza_bytes_max, limits::stanza_bytes_least,
                limits::queue_bytes_per_connection_max);
  reader.number("queue_bytes_per_account_max", config.queue_bytes_per_account_max,
                limits::stanza_bytes_least, size_t{1} << 40);
  reader.number("connections_per_account_max", config.connections_per_account_max, 1, 10'000'000);
  reader.number("login_seconds_max", config.login_seconds_max, 1, 3600);
  reader.number("stall_seconds_max", config.stall_seconds_max, 1, 3600);
  reader.number("stanzas_per_second_max", config.stanzas_per_second_max, 0, 1'000'000'000);
  reader.number("bytes_per_second_max", config.bytes_per_second_max, 0, size_t{1} << 40);
  reader.number("login_failures_max", config.login_failures_max, 0, 1'000'000);
  reader.number("login_ban_seconds", config.login_ban_seconds, 1, 86'400);
  reader.number("connections_per_second_per_address_max",
                config.connections_per_second_per_address_max, 0, 1'000'000);
  reader.flag("guard_loopback", config.guard_loopback);
  reader.finish();
  if (!reader.error.empty()) return Err{reader.error};
  return {};
}

namespace {

// The keys that cannot change while the bus runs, and their members.
template <class Visit>
void each_fixed_key(Visit visit) {
  visit("domain", &Config::domain);
  visit("socket", &Config::socket);
  visit("listen", &Config::listen);
  visit("listen_tls", &Config::listen_tls);
  visit("component_listen", &Config::component_listen);
  visit("plain_loopback", &Config::plain_loopback);
  visit("plain_loopback_listen", &Config::plain_loopback_listen);
  visit("data", &Config::data);
  visit("metrics", &Config::metrics);
  visit("threads", &Config::threads);
  visit("log", &Config::log);
}

}  // namespace

std::vector<std::string> fixed_keys_changed(const Config& running, const Config& read) {
  std::vector<std::string> changed;
  each_fixed_key([&](const char* key, auto member) {
    if (running.*member != read.*member) changed.emplace_back(key);
  });
  return changed;
}

void keep_fixed_keys(const Config& running, Config& read) {
  each_fixed_key([&](const char*, auto member) { read.*member = running.*member; });
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
    accounts[std::string(name.str())] = node.as_string()->get();
  }
  return accounts;
}

}  // namespace xbus::xbusd
