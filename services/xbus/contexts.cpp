#include "services/xbus/contexts.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "services/common/toml_file.hpp"
#include "services/xbus/context_keys.hpp"

namespace xbus::cli {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Thrown and caught in this file: where it is wrong, and what.
struct Wrong {
  std::string line;
};

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Contexts read(const toml::table& file) const {
    Contexts out;
    out.path = path_;
    for (const auto& [key, node] : file) {
      if (key == "default") {
        out.chosen = text(key.str(), node);
      } else if (key == "context") {
        for (const auto& [name, context] : table(key.str(), node))
          out.all.push_back(read_context(std::string(name.str()), table(name.str(), context)));
      } else {
        unknown(key.str(), key.source(), "default or [context.NAME]");
      }
    }
    if (!out.chosen.empty() && out.find(out.chosen) == nullptr)
      throw Wrong{at(file.get("default")->source()) + "default: there is no [context." +
                  out.chosen + "]"};
    return out;
  }

 private:
  Context read_context(const std::string& name, const toml::table& in) const {
    Context out;
    out.name = name;
    for (const auto& [key, node] : in) {
      if (key == "as") {
        for (const auto& [account, credentials] : table(key.str(), node))
          out.others.push_back(
              read_credentials(std::string(account.str()), table(account.str(), credentials), name));
      } else if (const ContextKey* known = find(key.str())) {
        target(*known, &out, out.own) = value(*known, node);
      } else {
        unknown(key.str(), key.source(), names(false) + ", as");
      }
    }
    if (out.bus.empty()) throw Wrong{at(in.source()) + "[context." + name + "] says no bus"};
    check_pair(out.own, in, "context." + name);
    return out;
  }

  Credentials read_credentials(const std::string& account, const toml::table& in,
                               const std::string& context) const {
    Credentials out;
    out.account = account;
    for (const auto& [key, node] : in) {
      const ContextKey* known = find(key.str());
      if (known == nullptr || !known->login) unknown(key.str(), key.source(), names(true));
      target(*known, nullptr, out) = value(*known, node);
    }
    check_pair(out, in, "context." + context + ".as." + account);
    return out;
  }

  const ContextKey* find(std::string_view name) const {
    const auto found = std::find_if(keys_.begin(), keys_.end(),
                                    [&](const ContextKey& key) { return key.name == name; });
    return found == keys_.end() ? nullptr : &*found;
  }

  // Those of an account only, or all.
  std::string names(bool login) const {
    std::string out;
    for (const ContextKey& key : keys_)
      if (key.login || !login) out += (out.empty() ? "" : ", ") + key.name;
    return out;
  }

  // A key of an account is never one of the context's.
  static std::string& target(const ContextKey& key, Context* context, Credentials& login) {
    if (const auto* own = std::get_if<std::string Credentials::*>(&key.member)) return login.**own;
    return context->*std::get<std::string Context::*>(key.member);
  }

  std::string value(const ContextKey& key, const toml::node& node) const {
    if (key.path) return file(key.name, node);
    const std::string given = text(key.name, node);
    const std::string wrong = key.wrong == nullptr ? "" : key.wrong(given);
    if (!wrong.empty()) throw Wrong{at(node.source()) + key.name + ": " + wrong};
    return given;
  }

  // A certificate is of no use without its key, nor the key alone.
  void check_pair(const Credentials& login, const toml::table& in, const std::string& heading) const {
    if (login.certificate.empty() != login.key.empty())
      throw Wrong{at(in.source()) + "[" + heading + "]: certificate and key go together"};
  }

  std::string text(std::string_view key, const toml::node& node) const {
    if (!node.is_string()) throw Wrong{at(node.source()) + std::string(key) + " must be a string"};
    return node.as_string()->get();
  }

  // A path: ~/ is the person's folder, a relative one begins beside the file.
  std::string file(std::string_view key, const toml::node& node) const {
    std::string path = text(key, node);
    if (path.starts_with("~/")) return from_environment("HOME") + path.substr(1);
    if (path.empty() || path.front() == '/') return path;
    return path_.substr(0, path_.rfind('/') + 1) + path;
  }

  const toml::table& table(std::string_view key, const toml::node& node) const {
    if (!node.is_table()) throw Wrong{at(node.source()) + std::string(key) + " must be a table"};
    return *node.as_table();
  }

  [[noreturn]] void unknown(std::string_view key, const toml::source_region& source,
                            std::string_view known) const {
    if (key == "password")
      throw Wrong{at(source) +
                  "no password stands here: name the file that has it with password_file"};
    throw Wrong{at(source) + "unknown key " + std::string(key) + "; known: " + std::string(known)};
  }

  std::string at(const toml::source_region& source) const {
    return common::place_of(path_, source);
  }

  const std::string& path_;
  const std::vector<ContextKey> keys_ = context_keys();
};

// The credentials for an account: its own in the context, where there are some.
const Credentials* credentials_of(const Context& context, const std::string& account) {
  if (account.empty() || account == context.own.account) return &context.own;
  const auto found = std::find_if(context.others.begin(), context.others.end(),
                                  [&](const Credentials& c) { return c.account == account; });
  return found == context.others.end() ? nullptr : &*found;
}

void fill(std::string& target, const std::string& value) {
  if (target.empty()) target = value;
}

}  // namespace

const Context* Contexts::find(std::string_view name) const {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Context& context) { return context.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string contexts_path() {
  const std::string home = from_environment("XDG_CONFIG_HOME");
  // A relative one is to be ignored (XDG base directory specification).
  if (!home.empty() && home.front() == '/') return home + "/xbus/config.toml";
  const std::string own = from_environment("HOME");
  return own.empty() ? own : own + "/.config/xbus/config.toml";
}

Result<Contexts, std::string> read_contexts(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    Contexts none;
    none.path = path;
    return none;
  }
  const auto file = common::read_toml(path);
  if (!file) return Err{file.error()};
  try {
    return Reader(path).read(*file);
  } catch (const Wrong& wrong) {
    return Err{wrong.line};
  }
}

Result<void, std::string> apply_context(const Contexts& contexts, const Choice& choice,
                                        common::Connection& connection) {
  if (!choice.context.empty() && !connection.bus.empty())
    return Err{std::string("--bus and --context both say where the bus is: give one of them")};
  if (!choice.as.empty() && !connection.account.empty())
    return Err{std::string("--as and --account both say who you are: give one of them")};
  fill(connection.account, choice.as);
  std::string name = choice.context;
  if (name.empty() && connection.bus.empty() && from_environment("XBUS_BUS").empty())
    name = contexts.chosen;
  if (name.empty()) return {};
  const Context* context = contexts.find(name);
  if (context == nullptr)
    return Err{"there is no context " + name + " in " + contexts.path +
               "; `xbus context list` shows them"};
  connection.bus = context->bus;
  fill(connection.ca, context->ca);
  fill(connection.pin, context->pin);
  const Credentials* credentials = credentials_of(*context, connection.account);
  if (credentials == nullptr) return {};
  fill(connection.account, credentials->account);
  fill(connection.password_file, credentials->password_file);
  if (connection.certificate.empty() && connection.key.empty()) {
    connection.certificate = credentials->certificate;
    connection.key = credentials->key;
  }
  return {};
}

}  // namespace xbus::cli
