#include "services/xbusd/command_line.hpp"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/command_line.hpp"
#include "services/xbusd/config_keys.hpp"

namespace xbus::xbusd {

CommandLine read_command_line(int argc, char** argv) {
  CommandLine line;
  Config given;  // what the command line says; what it does not say is empty
  given.domain.clear();
  given.log.clear();
  given.log_level.clear();
  int64_t threads = -1;
  common::CommandLine words("xbusd", "The embedded bus of xbus: an XMPP server for services.",
                            XBUS_VERSION);
  words.man_section("8");
  words.details(
      "Without any option it serves this user's own unix socket, where the kernel says who a peer "
      "is. SIGHUP reads the configuration, certificates and accounts again; SIGTERM closes every "
      "stream properly and ends.");
  words.text("--config", line.file,
             "TOML file, xbusd.toml(5); /etc/xbus/xbusd.toml with --system where it is there");
  words.flag("--system", line.system, "the bus of the host: /run/xbus/socket, open to every user");
  words.text("--domain", given.domain, "domain of the bus (localhost)");
  words.text("--socket", given.socket, "unix socket, or none");
  words.texts("--listen", given.listen, "ADDRESS:PORT for TCP with STARTTLS");
  words.texts("--listen-tls", given.listen_tls, "ADDRESS:PORT for direct TLS");
  words.texts("--component-listen", given.component_listen, "loopback ADDRESS:PORT for components");
  words.texts("--plain-loopback", given.plain_loopback_listen,
              "loopback ADDRESS:PORT without TLS: SCRAM only");
  words.text("--data", given.data, "folder of the store, or memory");
  words.text("--accounts", given.accounts_file, "TOML file of name = \"password\" to add at start");
  words.text("--metrics", given.metrics,
             "[ADDRESS:]PORT at which Prometheus finds /metrics; loopback without ADDRESS");
  words.number("--threads", threads, 0, 1024, "loops; 0: one for each CPU");
  words.choice("--log", given.log, {"text", "json"}, "form of the log on standard error");
  words.choice("--log-level", given.log_level, {"debug", "info", "warn", "error"},
               "the least level that is logged");
  bool print_config = false;
  words.flag("--print-config", print_config,
             "write a configuration file with every key, its default and its meaning, and end");
  words.example("xbusd", "A bus of one's own.");
  words.example("xbusd --domain bus.example --listen 127.0.0.1:5222 --data ./bus",
                "With TLS beside the socket; the log says where its CA is.");
  words.man_page(config_page("xbusd " XBUS_VERSION));
  line.exit_status = words.parse(argc, argv);
  if (line.exit_status) return line;
  if (print_config) {
    const bool written = std::fputs(config_file().c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
    line.exit_status = written ? 0 : 1;
    return line;
  }
  if (threads >= 0) given.threads = static_cast<size_t>(threads);

  constexpr const char* system_file = "/etc/xbus/xbusd.toml";
  if (line.file.empty() && line.system && access(system_file, R_OK) == 0) line.file = system_file;
  std::vector<std::function<void(Config&)>> said;
  auto over = [&said, &given](auto member, bool is_given) {
    if (is_given) said.push_back([member, value = given.*member](Config& to) { to.*member = value; });
  };
  auto filled = [&over, &given](auto member) { over(member, !(given.*member).empty()); };
  filled(&Config::domain);
  filled(&Config::socket);
  filled(&Config::listen);
  filled(&Config::listen_tls);
  filled(&Config::component_listen);
  filled(&Config::plain_loopback_listen);
  filled(&Config::data);
  filled(&Config::accounts_file);
  filled(&Config::metrics);
  over(&Config::threads, threads >= 0);
  filled(&Config::log);
  filled(&Config::log_level);
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
