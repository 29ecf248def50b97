// What xbusd is told: defaults, the TOML file, the command line on top.
#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bus/limits.hpp"
#include "bus/limits_login.hpp"
#include "bus/result.hpp"

namespace xbus::xbusd {

// What each means, and the key of the file that sets it, is in config_keys.cpp, for the manual page too.
struct Config {
  std::string domain = "localhost";
  std::string data;  // empty: the usual place; "memory": nowhere
  std::vector<std::string> admins;
  std::string accounts_file;
  size_t threads = 0;  // 0: one for each CPU

  std::string socket;  // empty: the usual place; "none": no socket
  std::vector<std::string> listen;
  std::vector<std::string> listen_tls;
  std::vector<std::string> component_listen;
  bool plain_loopback = false;
  std::vector<std::string> plain_loopback_listen;
  std::string metrics;  // empty: nowhere

  std::string certificate;
  std::string key;
  std::string client_ca;

  std::string claim;  // empty: by the listeners
  std::vector<std::string> callers;
  std::vector<std::string> strict_callers;
  std::map<std::string, std::vector<std::string>> names;
  std::map<std::string, std::vector<std::string>> name_callers;
  std::map<std::string, std::vector<std::string>> name_strict_callers;
  std::map<std::string, std::string> components;

  // limits.hpp says what each is for.
  size_t stanza_bytes_max = limits::stanza_bytes_max;
  size_t queue_bytes_per_account_max = limits::queue_bytes_per_account_max;
  size_t connections_per_account_max = limits::connections_per_account_max;
  size_t login_seconds_max = static_cast<size_t>(limits::login_time_max.count());
  size_t stall_seconds_max = static_cast<size_t>(limits::write_stall_time_max.count());
  size_t resume_seconds_max = static_cast<size_t>(limits::resume_time_max.count());
  size_t resumable_sessions_max = limits::resumable_sessions_max;
  size_t resumable_sessions_per_account_max = limits::resumable_sessions_max / 4;
  size_t unacked_stanzas_max = limits::unacked_stanzas_max;
  size_t unacked_bytes_max = limits::unacked_bytes_max;
  size_t stanzas_per_second_max = limits::stanzas_per_second_max;
  size_t bytes_per_second_max = limits::bytes_per_second_max;
  size_t login_failures_max = limits::login_failures_max;
  size_t login_ban_seconds =
      static_cast<size_t>(std::chrono::seconds(limits::login_ban_time).count());
  size_t connections_per_second_per_address_max = limits::connections_per_second_per_address_max;
  size_t connections_prelogin_per_address_max = limits::connections_prelogin_per_address_max;
  bool guard_loopback = true;

  std::string log = "text";
  std::string log_level = "info";
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
