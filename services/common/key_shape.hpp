// The keys of a configuration file, as data: what its manual page and the file with every key are
// made of.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "services/common/man_page.hpp"

namespace xbus::common {

struct KeyShape {
  std::string name;        // "listen"
  std::string type = {};   // "a list of strings"
  std::string value = {};  // the default, as TOML writes it; empty where there is none
  std::string shown =
      {};  // where there is none, or it says little: another value, as TOML writes it
  std::string about = {};  // sentences
  bool table = false;      // [name], and `shown` has the lines in it
};

struct KeyGroup {
  std::string title;  // "TLS"
  std::vector<KeyShape> keys;
};

// Each group under a heading of its own: every key with its type, its default and its meaning.
void add_keys(ManPage& page, const std::vector<KeyGroup>& groups);

// The file itself: `head`, and every key as a comment that takes effect when its sign is taken off.
// Tables stand last, as TOML wants them.
std::string annotated_file(std::string_view head, const std::vector<KeyGroup>& groups);

}  // namespace xbus::common
