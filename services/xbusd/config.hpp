// What xbusd is told: defaults, the TOML file, the command line on top.
#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits.hpp"
#include "bus/result.hpp"

namespace xbus::xbusd {

// Every key of the file has the name of its member here.
struct Config {
  // The bus's domain.
  std::string domain = "localhost";

  // Unix socket. Empty: the per-user place of design D9, or /run/xbus/socket with --system. "none":
  // no socket.
  std::string socket;
  // TCP with STARTTLS, as "ADDRESS:PORT" (port 5222 by custom). With plain_loopback these speak
  // without TLS.
  std::vector<std::string> listen;
  // TCP with TLS from the first byte (XEP-0368; port 5223 by custom).
  std::vector<std::string> listen_tls;
  // Components (XEP-0114), loopback addresses only (port 5347 by custom).
  std::vector<std::string> component_listen;
  // No TLS at all on `listen`: SCRAM only, refused on an address that is not loopback.
  bool plain_loopback = false;
  // Such listeners beside the others: what --plain-loopback adds.
  std::vector<std::string> plain_loopback_listen;

  // PEM files. Without them a CA and a certificate are made on first use under `data`.
  std::string certificate;
  std::string key;
  // Who may issue client certificates (EXTERNAL over TLS). Empty: none are asked for.
  std::string client_ca;

  // Where accounts, rosters and messages are kept. Empty: $XDG_STATE_HOME/xbus, or $STATE_DIRECTORY
  // or /var/lib/xbus with --system. "memory": nowhere.
  std::string data;

  // Accounts (localparts) that may manage the bus, beside root and the user that runs it.
  std::vector<std::string> admins;
  // Table: domain = "secret" of each component that may connect.
  std::map<std::string, std::string> components;
  // A TOML file of name = "password"; those that are not there yet are added at start, for tests
  // and benches. Refused when others can read it.
  std::string accounts_file;
  // Who may own a service name nobody has given away: "first" (who registers it first), "policy"
  // (nobody). Empty: "first" where only the unix socket is served, else "policy".
  std::string claim;
  // Table: service name = "account" or a list of them, who alone may offer it.
  std::map<std::string, std::vector<std::string>> names;
  // Patterns of the callers that may see services, and call them through their addresses NAME@services.DOMAIN:
  // [LOCAL@]DOMAIN[/RESOURCE], where * is any run of characters. Empty: everyone. A service may refuse more.
  std::vector<std::string> callers;
  // The same for instances that cannot be told who calls (plain XEP-0009). Empty: accounts of the domain.
  std::vector<std::string> strict_callers;
  // Tables: service name = pattern or a list of them, instead of the lists for all services. An empty list allows
  // nobody but admins and the name's owners to see it; no exception for strict instances.
  std::map<std::string, std::vector<std::string>> name_callers;
  std::map<std::string, std::vector<std::string>> name_strict_callers;

  // "[ADDRESS:]PORT" at which Prometheus finds /metrics; loopback without an address. Empty: nowhere.
  std::string metrics;
  // Loops. 0: one for each CPU that the process may use.
  size_t threads = 0;
  std::string log = "text";        // or "json"
  std::string log_level = "info";  // debug, info, warn, error

  // Bytes: limits.hpp says what each is for.
  size_t stanza_bytes_max = limits::stanza_bytes_max;
  size_t queue_bytes_per_account_max = limits::queue_bytes_per_account_max;
  size_t connections_per_account_max = limits::connections_per_account_max;
  // Seconds: from accept to bind, and without taking a byte of what waits for it.
  size_t login_seconds_max = static_cast<size_t>(limits::login_time_max.count());
  size_t stall_seconds_max = static_cast<size_t>(limits::write_stall_time_max.count());
  // What one account may send on all its connections together; 0: as much as it likes. Beyond it they are not read
  // for a while, but for those that keep to an even share of it.
  size_t stanzas_per_second_max = limits::stanzas_per_second_max;
  size_t bytes_per_second_max = limits::bytes_per_second_max;

  // Failed logins of one address (IPv6: of one /64) until it is turned away for login_ban_seconds, and the rate of
  // its connections that do not log in; 0: not counted. Unix sockets are never counted.
  size_t login_failures_max = limits::login_failures_max;
  size_t login_ban_seconds =
      static_cast<size_t>(std::chrono::seconds(limits::login_ban_time).count());
  size_t connections_per_second_per_address_max = limits::connections_per_second_per_address_max;
  // Whether loopback addresses are counted too. Behind a proxy on this host they are everybody's.
  bool guard_loopback = true;
};

// The keys whose values differ between the two and cannot change while the bus runs.
std::vector<std::string> fixed_keys_changed(const Config& running, const Config& read);
// Gives `read` the values that those keys have in `running`.
void keep_fixed_keys(const Config& running, Config& read);

// Reads the file over `config`. An unknown key, a value of the wrong kind or out of its range is an
// error that names file and line.
Result<void, std::string> read_config(const std::string& path, Config& config);

// The accounts file: name and password of each.
Result<std::map<std::string, std::string>, std::string> read_accounts(const std::string& path);

}  // namespace xbus::xbusd
