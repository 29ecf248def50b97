// The command line of xbusd: options over the file over the defaults.
#pragma once
#include <optional>

#include "services/xbusd/config.hpp"

namespace xbus::xbusd {

struct CommandLine {
  Config config;
  bool system = false;             // the system bus: /run/xbus/socket for everybody
  std::optional<int> exit_status;  // nothing to run: --help, --version or a mistake, already told
};

CommandLine read_command_line(int argc, char** argv);

}  // namespace xbus::xbusd
