#include "services/ticker/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include "adapters/http/url.hpp"
#include "bus/limits_feeds.hpp"
#include "bus/xmpp/jid.hpp"
#include "services/common/toml_file.hpp"

namespace xbus::ticker {
namespace {

// Thrown and caught in this file.
struct Wrong {
  std::string line;
};

bool right_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && plain(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '-' || c == '_' || c == '.'; });
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Config read(const toml::table& file) const {
    Config out;
    std::vector<std::string> publishers;
    for (const auto& [key, node] : file) {
      if (key == "state")
        out.state = text(key.str(), node);
      else if (key == "service")
        out.service = jid(key.str(), node);
      else if (key == "ca")
        out.ca = text(key.str(), node);
      else if (key == "publishers")
        publishers = accounts(key.str(), node);
      else if (key == "source")
        out.sources = sources(node);
      else
        throw Wrong{place_of(path_, key.source()) + std::string(key.str()) + ": there is no such key"};
    }
    if (out.sources.empty()) throw Wrong{path_ + ": there is no [source.NAME]"};
    for (Source& source : out.sources)
      source.publishers.insert(source.publishers.end(), publishers.begin(), publishers.end());
    return out;
  }

 private:
  [[noreturn]] void wrong(std::string_view key, const toml::node& node, const std::string& why) const {
    throw Wrong{place_of(path_, node.source()) + std::string(key) + ": " + why};
  }
  static std::string place_of(const std::string& path, const toml::source_region& source) {
    return common::place_of(path, source);
  }

  std::string text(std::string_view key, const toml::node& node) const {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) wrong(key, node, "this must be a text");
    return *value;
  }

  std::string jid(std::string_view key, const toml::node& node) const {
    const std::string value = text(key, node);
    if (!xmpp::Jid::parse(value)) wrong(key, node, "this is no JID");
    return value;
  }

  std::vector<std::string> accounts(std::string_view key, const toml::node& node) const {
    std::vector<std::string> out;
    const toml::array* list = node.as_array();
    if (!list) wrong(key, node, "this must be a list of texts");
    for (const toml::node& each : *list) {
      const std::string account = text(key, each);
      const auto whole = xmpp::Jid::parse(account.find('@') == account.npos ? account + "@localhost" : account);
      if (!whole || whole->local().empty() || !whole->resource().empty())
        wrong(key, each, "\"" + account + "\" is neither NAME@DOMAIN nor the name of an account");
      out.push_back(account);
    }
    return out;
  }

  std::vector<Source> sources(const toml::node& node) const {
    const toml::table* tables = node.as_table();
    if (!tables) wrong("source", node, "a source is a table, [source.NAME]");
    if (tables->size() > limits::ticker_sources_max)
      wrong("source", node, "there may be " + std::to_string(limits::ticker_sources_max) + " sources");
    std::vector<Source> out;
    for (const auto& [name, table] : *tables) {
      if (!right_name(name.str()))
        wrong(name.str(), table, "a source's name has lower-case letters, digits, \"-\", \"_\" and \".\"");
      if (!table.as_table()) wrong(name.str(), table, "a source is a table, [source.NAME]");
      out.push_back(source(std::string(name.str()), *table.as_table()));
    }
    return out;
  }

  Source source(std::string name, const toml::table& table) const {
    Source out;
    out.name = std::move(name);
    for (const auto& [key, node] : table) {
      if (key == "url") {
        out.url = text(key.str(), node);
        if (const auto url = http::parse_url(out.url); !url) wrong(key.str(), node, url.error());
      } else if (key == "file") {
        out.file = (std::filesystem::path(path_).parent_path() / text(key.str(), node)).string();
      } else if (key == "every") {
        const auto seconds = node.value_exact<int64_t>();
        if (!seconds || *seconds < 1 || *seconds > 7 * 86'400)
          wrong(key.str(), node, "this must be between 1 and 604800 seconds");
        out.every = std::chrono::seconds(*seconds);
      } else if (key == "publishers") {
        out.publishers = accounts(key.str(), node);
      } else {
        wrong(key.str(), node, "there is no such key of a source");
      }
    }
    if (out.url.empty() == out.file.empty()) wrong(out.name, table, "a source has either url or file");
    return out;
  }

  const std::string& path_;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Result<Config, std::string> read_config(const std::string& path) {
  const auto file = common::read_toml(path);
  if (!file) return Err{file.error()};
  try {
    return Reader(path).read(*file);
  } catch (const Wrong& wrong) {
    return Err{wrong.line};
  }
}

Result<std::string, std::string> state_folder(const Config& config) {
  std::filesystem::path folder = config.state;
  if (folder.empty()) folder = environment("STATE_DIRECTORY");
  if (folder.empty()) {
    folder = environment("XDG_STATE_HOME");
    if (folder.empty()) folder = std::filesystem::path(environment("HOME")) / ".local/state";
    folder /= "xbus/ticker";
  }
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(folder, error);
  if (!error && is_new) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return Err{"cannot make " + folder.string() + ": " + error.message()};
  return folder.string();
}

std::vector<common::KeyGroup> config_keys() {
  using Key = common::KeyShape;
  return {{"The ticker",
           {Key{.name = "state",
                .type = "a path",
                .shown = "\"/var/lib/xbus-ticker\"",
                .about = "The folder that remembers what has been published. Else $STATE_DIRECTORY, or xbus/ticker in "
                         "the user's state folder."},
            Key{.name = "service",
                .type = "a JID",
                .shown = "\"events.example.org\"",
                .about = "The pubsub service. Else that of the bus."},
            Key{.name = "ca",
                .type = "a path",
                .shown = "\"/etc/ssl/our-ca.pem\"",
                .about = "A file of the CAs that HTTPS trusts. Else the system's."},
            Key{.name = "publishers",
                .type = "a list of accounts",
                .value = "[]",
                .shown = "[\"editor@example.org\"]",
                .about = "Who may publish to all topics, beside the ticker: NAME@DOMAIN, or the name of an account of "
                         "the bus."}}},
          {"Sources",
           {Key{.name = "source.NAME",
                .type = "a table",
                .shown = "url = \"https://news.example.org/feed.atom\"\nevery = 900\npublishers = [\"desk\"]",
                .about = "A feed, published to the topic ticker/NAME. It has url (http:// or https://) or file (a "
                         "path, relative to this file), every "
                         "(seconds from one look to the next, 900 unless said), and publishers of this topic alone.",
                .table = true}}}};
}

}  // namespace xbus::ticker
