#include "services/xbusd/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

namespace xbus::xbusd {

CommandLine read_command_line(int argc, char** argv) {
  CommandLine line;
  Config given;  // what the command line says
  std::string file;
  CLI::App app("xbusd, the embedded bus of xbus: an XMPP server for services", "xbusd");
  app.set_version_flag("--version", "xbusd " XBUS_VERSION);
  app.add_option("--config", file,
                 "TOML file; /etc/xbus/xbusd.toml with --system where it is there");
  app.add_flag("--system", line.system,
               "the bus of the host: /run/xbus/socket, open to every user");
  auto* domain = app.add_option("--domain", given.domain, "domain of the bus (localhost)");
  auto* socket = app.add_option("--socket", given.socket, "unix socket, or none");
  auto* listen = app.add_option("--listen", given.listen, "ADDRESS:PORT for TCP with STARTTLS");
  auto* listen_tls =
      app.add_option("--listen-tls", given.listen_tls, "ADDRESS:PORT for direct TLS");
  auto* component = app.add_option("--component-listen", given.component_listen,
                                   "loopback ADDRESS:PORT for components");
  auto* plain = app.add_option("--plain-loopback", given.plain_loopback_listen,
                               "loopback ADDRESS:PORT without TLS: SCRAM only");
  auto* data = app.add_option("--data", given.data, "folder of the store, or memory");
  auto* accounts = app.add_option("--accounts", given.accounts_file,
                                  "TOML file of name = \"password\" to add at start");
  auto* threads = app.add_option("--threads", given.threads, "loops; 0: one for each CPU");
  auto* log =
      app.add_option("--log", given.log, "text or json")->check(CLI::IsMember({"text", "json"}));
  auto* level = app.add_option("--log-level", given.log_level, "debug, info, warn or error")
                    ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    line.exit_status = app.exit(stop) == 0 ? 0 : 2;
    return line;
  }
  constexpr const char* system_file = "/etc/xbus/xbusd.toml";
  if (file.empty() && line.system && access(system_file, R_OK) == 0) file = system_file;
  if (!file.empty()) {
    if (auto read = read_config(file, line.config); !read) {
      std::fprintf(stderr, "xbusd: %s\n", read.error().c_str());
      line.exit_status = 2;
      return line;
    }
  }
  Config& config = line.config;
  if (*domain) config.domain = given.domain;
  if (*socket) config.socket = given.socket;
  if (*listen) config.listen = given.listen;
  if (*listen_tls) config.listen_tls = given.listen_tls;
  if (*component) config.component_listen = given.component_listen;
  if (*plain) config.plain_loopback_listen = given.plain_loopback_listen;
  if (*data) config.data = given.data;
  if (*accounts) config.accounts_file = given.accounts_file;
  if (*threads) config.threads = given.threads;
  if (*log) config.log = given.log;
  if (*level) config.log_level = given.log_level;
  return line;
}

}  // namespace xbus::xbusd
