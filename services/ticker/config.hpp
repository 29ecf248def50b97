// What xbus-ticker reads from its file: the sources, and who else may publish.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "services/common/key_shape.hpp"

namespace xbus::ticker {

// The topic of a source is ticker/NAME.
inline constexpr std::string_view topic_prefix = "ticker/";

struct Source {
  std::string name;  // lower-case letters, digits, "-", "_" and ".", beginning with a letter or digit
  std::string url;   // http:// or https://; or
  std::string file;  // a path, absolute or beside the configuration
  std::chrono::seconds every{900};
  std::vector<std::string> publishers;  // bare JIDs, or account names of the bus's domain; beside the ticker itself
};

struct Config {
  std::string state;    // a folder; empty: as state_folder() finds it
  std::string service;  // JID of the pubsub service; empty: that of the bus
  std::string ca;       // PEM: whom HTTPS trusts; empty: the system's CAs
  std::vector<Source> sources;
};

// The error is PATH:LINE: and what is wrong there.
Result<Config, std::string> read_config(const std::string& path);

// The folder of the configuration, $STATE_DIRECTORY, $XDG_STATE_HOME/xbus/ticker or ~/.local/state/xbus/ticker, made
// with mode 0700.
Result<std::string, std::string> state_folder(const Config& config);

// Every key, for the manual page.
std::vector<common::KeyGroup> config_keys();

}  // namespace xbus::ticker
