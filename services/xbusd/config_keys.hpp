// The keys of xbusd's file: the one table that its reader, its manual page and the file with every
// key are made of.
#pragma once
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "services/common/key_shape.hpp"
#include "services/xbusd/config.hpp"
#include "services/xbusd/config_checks.hpp"

namespace xbus::xbusd {

struct ConfigKey {
  using Texts = std::vector<std::string>;
  using Member = std::variant<std::string Config::*, bool Config::*, size_t Config::*,
                              Texts Config::*, std::map<std::string, std::string> Config::*,
                              std::map<std::string, Texts> Config::*>;
  enum class Change { live, restart };  // whether SIGHUP is enough

  std::string group;
  std::string name;
  Member member;
  std::string about;
  std::string shown = {};  // a value to show, where the default says little; lines of a table
  Change change = Change::live;
  Texts words = {};            // of a string: the only values
  size_t least = 0, most = 0;  // of a number
  bool patterns =
      false;  // the strings are patterns of callers; the names of a table those of services
  bool accounts = false;  // the strings are localparts
  ConfigCheck check = nullptr;       // of each string
  ConfigCheck check_name = nullptr;  // of each name in a table
};

// In the order in which they are shown.
std::vector<ConfigKey> config_keys();

// The same with types and defaults, for the manual page and the file.
std::vector<common::KeyGroup> key_groups();

// xbusd.toml(5); `version` names program and version at its foot.
common::ManPage config_page(const std::string& version);

// The file with every key as a comment: what a package installs as /etc/xbus/xbusd.toml.
std::string config_file();

}  // namespace xbus::xbusd
