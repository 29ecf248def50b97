// The command line of xbusd: options over the file over the defaults.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "bus/result.hpp"
#include "services/xbusd/config.hpp"

namespace xbus::xbusd {

struct CommandLine {
  Config config;
  std::string file;                  // of the configuration; empty: none
  std::function<void(Config&)> say;  // what the command line says, over what the file does
  bool system = false;               // the system bus: /run/xbus/socket for everybody
  std::optional<int> exit_status;    // nothing to run: --help, --version or a mistake, already told
};

CommandLine read_command_line(int argc, char** argv);

// The configuration as it is now: defaults, file, command line. An error names file and line.
Result<Config, std::string> read_again(const CommandLine& line);

}  // namespace xbus::xbusd
