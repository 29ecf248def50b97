// Named buses of a person: the file config.toml, in which each context says where a bus is and how
// to log in. Its keys: context_keys.hpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"
#include "services/common/connection.hpp"

namespace xbus::cli {

// How one account proves that it is itself; paths that are absolute.
struct Credentials {
  std::string account, password_file, certificate, key;
};

struct Context {
  std::string name, bus, ca, pin;
  Credentials own;                  // the account is empty where the kernel or the address says who
  std::vector<Credentials> others;  // for --as
};

struct Contexts {
  std::string path;
  std::string chosen;  // the default; empty: none
  std::vector<Context> all;

  const Context* find(std::string_view name) const;
};

// $XDG_CONFIG_HOME/xbus/config.toml, else ~/.config/xbus/config.toml; empty for who has no home.
std::string contexts_path();

// Reads the file; none at all is one without contexts. The error begins with PATH:LINE: and names
// what is wrong: a key that is not known, a value of another type, a password in clear, a default
// that is not there.
Result<Contexts, std::string> read_contexts(const std::string& path);

// What the words of a command line say about where and as whom.
struct Choice {
  std::string context;  // --context; empty: the default, where neither --bus nor $XBUS_BUS is given
  std::string as;       // --as; empty: the context's own account
};

// Fills in what the options leave open from the chosen context. A password or certificate is taken
// only for the account that it stands for, and only for the context's own bus. The error is a line
// that says what to do.
Result<void, std::string> apply_context(const Contexts& contexts, const Choice& choice,
                                        common::Connection& connection);

}  // namespace xbus::cli
