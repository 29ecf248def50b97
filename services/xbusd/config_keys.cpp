#include "services/xbusd/config_keys.hpp"

namespace xbus::xbusd {
namespace {

using Texts = ConfigKey::Texts;
constexpr auto restart = ConfigKey::Change::restart;
constexpr size_t bytes_most = size_t{1} << 40;

void add_bus(std::vector<ConfigKey>& keys) {
  const std::string group = "The bus";
  keys.push_back({.group = group,
                  .name = "domain",
                  .member = &Config::domain,
                  .about = "The domain of the bus.",
                  .change = restart,
                  .check = check_domain});
  keys.push_back(
      {.group = group,
       .name = "data",
       .member = &Config::data,
       .about =
           "Folder where accounts, rosters and messages are kept; \"memory\" keeps nothing. Empty: "
           "$XDG_STATE_HOME/xbus, else ~/.local/state/xbus; with --system $STATE_DIRECTORY, else "
           "/var/lib/xbus.",
       .shown = "\"/var/lib/xbus\"",
       .change = restart});
  keys.push_back(
      {.group = group,
       .name = "admins",
       .member = &Config::admins,
       .about = "Accounts that may manage the bus, beside root and the user that runs it.",
       .shown = "[\"alice\"]",
       .accounts = true});
  keys.push_back(
      {.group = group,
       .name = "accounts_file",
       .member = &Config::accounts_file,
       .about = "A TOML file of name = \"password\" that only its owner can read. Those that are "
                "not there yet "
                "are added at start. For tests and benches; `xbus account add` is for people.",
       .shown = "\"/etc/xbus/accounts.toml\""});
  keys.push_back(
      {.group = group,
       .name = "threads",
       .member = &Config::threads,
       .about = "Loops that work side by side. 0: one for each CPU that the process may use.",
       .change = restart,
       .most = 1024});
}

void add_listeners(std::vector<ConfigKey>& keys) {
  const std::string group = "Where it listens";
  keys.push_back({.group = group,
                  .name = "socket",
                  .member = &Config::socket,
                  .about = "Unix socket, where the kernel says who a peer is; \"none\" for no "
                           "socket. Empty: the per-user "
                           "place, or /run/xbus/socket with --system.",
                  .shown = "\"/run/xbus/socket\"",
                  .change = restart,
                  .check = check_socket});
  keys.push_back({.group = group,
                  .name = "listen",
                  .member = &Config::listen,
                  .about = "TCP with STARTTLS, as ADDRESS:PORT; by custom port 5222. A CA and a "
                           "certificate are made on "
                           "first use, unless they are given.",
                  .shown = "[\"0.0.0.0:5222\"]",
                  .change = restart,
                  .check = check_address});
  keys.push_back({.group = group,
                  .name = "listen_tls",
                  .member = &Config::listen_tls,
                  .about = "TCP with TLS from the first byte (XEP-0368); by custom port 5223.",
                  .shown = "[\"0.0.0.0:5223\"]",
                  .change = restart,
                  .check = check_address});
  keys.push_back({.group = group,
                  .name = "component_listen",
                  .member = &Config::component_listen,
                  .about = "Components (XEP-0114), on loopback addresses only; by custom port "
                           "5347. [components] has "
                           "their secrets.",
                  .shown = "[\"127.0.0.1:5347\"]",
                  .change = restart,
                  .check = check_loopback_address});
  keys.push_back({.group = group,
                  .name = "plain_loopback",
                  .member = &Config::plain_loopback,
                  .about = "No TLS at all on `listen`: passwords by SCRAM only, and refused on an "
                           "address that is not "
                           "loopback.",
                  .change = restart});
  keys.push_back({.group = group,
                  .name = "plain_loopback_listen",
                  .member = &Config::plain_loopback_listen,
                  .about = "Such listeners beside the others: what --plain-loopback adds.",
                  .shown = "[\"127.0.0.1:5224\"]",
                  .change = restart,
                  .check = check_loopback_address});
  keys.push_back({.group = group,
                  .name = "metrics",
                  .member = &Config::metrics,
                  .about = "[ADDRESS:]PORT at which Prometheus finds /metrics; loopback without an "
                           "address. Empty: nowhere.",
                  .shown = "\"9464\"",
                  .change = restart,
                  .check = check_metrics_address});
}

void add_tls(std::vector<ConfigKey>& keys) {
  const std::string group = "TLS";
  keys.push_back({.group = group,
                  .name = "certificate",
                  .member = &Config::certificate,
                  .about = "PEM file: the bus's certificate, and those between it and the "
                           "authority. Empty: made on first "
                           "use under the data folder; the log says where the CA is.",
                  .shown = "\"/etc/xbus/certificate.pem\""});
  keys.push_back({.group = group,
                  .name = "key",
                  .member = &Config::key,
                  .about = "PEM file: the key of that certificate.",
                  .shown = "\"/etc/xbus/key.pem\""});
  keys.push_back({.group = group,
                  .name = "client_ca",
                  .member = &Config::client_ca,
                  .about = "PEM file: who may issue client certificates, with which an account "
                           "logs in without a password "
                           "(EXTERNAL). Empty: none are asked for.",
                  .shown = "\"/etc/xbus/clients.pem\""});
}

void add_log(std::vector<ConfigKey>& keys) {
  keys.push_back({.group = "Log",
                  .name = "log",
                  .member = &Config::log,
                  .about = "Form of the log on standard error: \"text\" or \"json\".",
                  .change = restart,
                  .words = {"json", "text"}});
  keys.push_back(
      {.group = "Log",
       .name = "log_level",
       .member = &Config::log_level,
       .about = "The least level that is logged: \"debug\", \"info\", \"warn\" or \"error\".",
       .words = {"debug", "error", "info", "warn"}});
}

void add_policy(std::vector<ConfigKey>& keys) {
  const std::string group = "Who may offer and call what";
  const std::string patterns = "[LOCAL@]DOMAIN[/RESOURCE], where * is any run of characters";
  keys.push_back({.group = group,
                  .name = "claim",
                  .member = &Config::claim,
                  .about = "Who may own the name of a service that nobody has given away: "
                           "\"first\" (the local account that "
                           "registers it first) or \"policy\" (nobody). Empty: \"first\" where "
                           "only a user's own unix socket "
                           "is served, else \"policy\".",
                  .shown = "\"first\"",
                  .words = {"first", "policy"}});
  keys.push_back(
      {.group = group,
       .name = "callers",
       .member = &Config::callers,
       .about =
           "Patterns of the callers that may see services, and call them through their addresses "
           "NAME@services.DOMAIN: " +
           patterns + ". Empty: everyone. A service may refuse more.",
       .shown = "[\"*@bus.example\"]",
       .patterns = true});
  keys.push_back({.group = group,
                  .name = "strict_callers",
                  .member = &Config::strict_callers,
                  .about = "The same for services that cannot be told who calls (plain XEP-0009). "
                           "Empty: accounts of the "
                           "domain.",
                  .shown = "[\"*@bus.example\"]",
                  .patterns = true});
  keys.push_back(
      {.group = group,
       .name = "names",
       .member = &Config::names,
       .about = "Names of services, and the account or list of accounts that alone may offer each. With "
                "--system agent is xbus-agent's, unless it stands here.",
       .shown = "billing = [\"billing-service\"]",
                  .check = check_account,
                  .check_name = check_service});
  keys.push_back({.group = group,
                  .name = "name_callers",
                  .member = &Config::name_callers,
                  .about = "Names of services, and a pattern or list of patterns in place of "
                           "`callers` for each. An empty list: "
                           "nobody but admins and the name's owners.",
                  .shown = "billing = [\"*@bus.example\", \"ops@partner.example\"]",
                  .patterns = true,
                  .check_name = check_service});
  keys.push_back({.group = group,
                  .name = "name_strict_callers",
                  .member = &Config::name_strict_callers,
                  .about = "The same in place of `strict_callers`.",
                  .shown = "billing = [\"*@bus.example\"]",
                  .patterns = true,
                  .check_name = check_service});
  keys.push_back({.group = group,
                  .name = "components",
                  .member = &Config::components,
                  .about = "The domain of each component that may connect, and its secret.",
                  .shown = "\"clock.localhost\" = \"secret\"",
                  .check_name = check_domain});
}

void add_limits(std::vector<ConfigKey>& keys) {
  const std::string group = "Limits";
  const auto number = [&](const char* name, size_t Config::*member, size_t least, size_t most,
                          const std::string& about) {
    keys.push_back({.group = group,
                    .name = name,
                    .member = member,
                    .about = about,
                    .least = least,
                    .most = most});
  };
  number("stanza_bytes_max", &Config::stanza_bytes_max, limits::stanza_bytes_least,
         limits::queue_bytes_per_connection_max,
         "Bytes of one stanza, announced to peers by XEP-0478. A larger one ends its stream.");
  number("queue_bytes_per_account_max", &Config::queue_bytes_per_account_max,
         limits::stanza_bytes_least, bytes_most,
         "Bytes that may wait on all connections of one account together. Beyond it the sender "
         "gets an error.");
  number("connections_per_account_max", &Config::connections_per_account_max, 1, 10'000'000,
         "Connections of one account at a time.");
  number("login_seconds_max", &Config::login_seconds_max, 1, 3600,
         "Seconds that a stranger may take from connecting to the end of the login.");
  number("stall_seconds_max", &Config::stall_seconds_max, 1, 3600,
         "Seconds that a peer may go without taking a byte of what waits for it.");
  number("resume_seconds_max", &Config::resume_seconds_max, 0, 86'400,
         "Seconds that the session of a caller which lost its connection waits for it (XEP-0198). "
         "0: not at all.");
  number("resumable_sessions_max", &Config::resumable_sessions_max, 0, 10'000'000,
         "Sessions that may wait so. One more ends with its connection.");
  number("resumable_sessions_per_account_max", &Config::resumable_sessions_per_account_max, 0,
         10'000'000, "The same for one account.");
  number("unacked_stanzas_max", &Config::unacked_stanzas_max, 2 * limits::unacked_ask_stanzas,
         10'000'000,
         "Stanzas that a session with stream management may hold until they are acknowledged. "
         "Beyond it the sender gets an error.");
  number("unacked_bytes_max", &Config::unacked_bytes_max, limits::stanza_bytes_least,
         limits::queue_bytes_per_connection_max,
         "The same in bytes, which count for its account; at least one stanza is held.");
  number("stanzas_per_second_max", &Config::stanzas_per_second_max, 0, 1'000'000'000,
         "Stanzas a second that one account may send on all its connections together. Beyond it "
         "they are not read for a "
         "while, but for those that keep to an even share. 0: as many as it likes.");
  number("bytes_per_second_max", &Config::bytes_per_second_max, 0, bytes_most,
         "The same in bytes.");
  number("login_failures_max", &Config::login_failures_max, 0, 1'000'000,
         "Failed logins from one address (IPv6: from one /64) until it is turned away for a time. "
         "0: not counted. Unix "
         "sockets are never counted.");
  number("login_ban_seconds", &Config::login_ban_seconds, 1, 86'400,
         "Seconds for which it is turned away.");
  number("connections_per_second_per_address_max", &Config::connections_per_second_per_address_max,
         0, 1'000'000, "Connections a second of one address that do not log in. 0: not counted.");
  number("connections_prelogin_per_address_max", &Config::connections_prelogin_per_address_max, 0,
         limits::connections_prelogin_max,
         "Connections of one address (IPv6: of one /64) that may be open at once without having logged in. One "
         "more is turned away with resource-constraint. 0: not counted.");
  keys.push_back({.group = group,
                  .name = "guard_loopback",
                  .member = &Config::guard_loopback,
                  .about = "Whether loopback addresses are counted too. Behind a proxy on this "
                           "host they are everybody's."});
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

struct Type {
  const ConfigKey& key;
  std::string operator()(std::string Config::*) const {
    std::string out;
    for (const std::string& word : key.words) out += (out.empty() ? "" : " or ") + quoted(word);
    return out.empty() ? "string" : out;
  }
  std::string operator()(bool Config::*) const { return "true or false"; }
  std::string operator()(size_t Config::*) const {
    return "integer from " + std::to_string(key.least) + " to " + std::to_string(key.most);
  }
  std::string operator()(Texts Config::*) const { return "list of strings, or one string"; }
  std::string operator()(std::map<std::string, std::string> Config::*) const {
    return "table of strings";
  }
  std::string operator()(std::map<std::string, Texts> Config::*) const {
    return "table of strings or lists of strings";
  }
};

// As TOML writes it; nothing for what is empty.
struct Default {
  Config config = {};
  std::string operator()(std::string Config::*member) const {
    return (config.*member).empty() ? "" : quoted(config.*member);
  }
  std::string operator()(bool Config::*member) const { return config.*member ? "true" : "false"; }
  std::string operator()(size_t Config::*member) const { return std::to_string(config.*member); }
  template <class Other>
  std::string operator()(Other) const {
    return {};
  }
};

bool is_table(const ConfigKey& key) {
  return std::holds_alternative<std::map<std::string, std::string> Config::*>(key.member) ||
         std::holds_alternative<std::map<std::string, Texts> Config::*>(key.member);
}

}  // namespace

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> keys;
  add_bus(keys);
  add_listeners(keys);
  add_tls(keys);
  add_policy(keys);
  add_limits(keys);
  add_log(keys);
  return keys;
}

std::vector<common::KeyGroup> key_groups() {
  std::vector<common::KeyGroup> groups;
  for (const ConfigKey& key : config_keys()) {
    if (groups.empty() || groups.back().title != key.group) groups.push_back({key.group, {}});
    groups.back().keys.push_back(
        {.name = key.name,
         .type = std::visit(Type{key}, key.member),
         .value = std::visit(Default{}, key.member),
         .shown = key.shown,
         .about = key.about + (key.change == restart ? " Read at start only." : ""),
         .table = is_table(key)});
  }
  return groups;
}

common::ManPage config_page(const std::string& version) {
  common::ManPage page("xbusd.toml", "5", "configuration of xbusd", version);
  page.heading("Synopsis")
      .paragraph("/etc/xbus/xbusd.toml (xbusd --system), or the file that --config names");
  page.heading("Description")
      .paragraph(
          "A TOML file. Without one, or without a key, the default counts; what the command line "
          "says wins over the "
          "file. A key that is not known, or a value of another kind or out of its range, is an "
          "error that names file "
          "and line.")
      .paragraph(
          "SIGHUP makes xbusd read the file again: all of it, or nothing where there is a mistake "
          "in it. A key that is "
          "read at start only keeps its value until then, and the log names it.")
      .paragraph("xbusd --print-config writes a file that has every key as a comment.");
  common::add_keys(page, key_groups());
  page.heading("Examples");
  page.example("A bus for a team:",
               "domain = \"bus.example\"\nlisten = [\"0.0.0.0:5222\"]\nadmins = [\"alice\"]\n\n"
               "[names]\nbilling = [\"billing-service\"]");
  return page.see_also({"xbusd(8)", "xbus(1)", "xbus-account(1)", "xbus-name(1)"});
}

std::string config_file() {
  return common::annotated_file(
      "What xbusd is told; xbusd.toml(5). Each key stands here as a comment, with its default or "
      "another value that shows "
      "how it is written; take the sign off and change it. SIGHUP (systemctl reload xbusd) makes "
      "it count.",
      key_groups());
}

}  // namespace xbus::xbusd
