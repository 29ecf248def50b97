#include "services/xbusd/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

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
  line.file = file;
  std::vector<std::function<void(Config&)>> said;
  auto over = [&said](const CLI::Option* option, auto member, const Config& from) {
    if (*option) said.push_back([member, value = from.*member](Config& to) { to.*member = value; });
  };
  over(domain, &Config::domain, given);
  over(socket, &Config::socket, given);
  over(listen, &Config::listen, given);
  over(listen_tls, &Config::listen_tls, given);
  over(component, &Config::component_listen, given);
  over(plain, &Config::plain_loopback_listen, given);
  over(data, &Config::data, given);
  over(accounts, &Config::accounts_file, given);
  over(threads, &Config::threads, given);
  over(log, &Config::log, given);
  over(level, &Config::log_level, given);
  line.say = [said](Config& config) {
    for (const auto& one : said) one(config);
  };
  auto read = read_again(line);
  if (!read) {
    std::fprintf(stderr, "xbusd: %s\n", read.error().c_str());
    line.exit_status = 2;
    return line;
  }
  line.config = std::move(*read);
  return line;
}

Result<Config, std::string> read_again(const CommandLine& line) {
  Config config;
  if (!line.file.empty()) {
    if (auto read = read_config(line.file, config); !read) return Err{read.error()};
  }
  if (line.say) line.say(config);
  return config;
}

}  // namespace xbus::xbusd
