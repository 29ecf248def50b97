// The embedded bus.
#include <cstdio>

#include "services/xbusd/command_line.hpp"
#include "services/xbusd/daemon.hpp"
#include "services/xbusd/heap.hpp"

int main(int argc, char** argv) {
  xbus::xbusd::set_up_heap();
  auto line = xbus::xbusd::read_command_line(argc, argv);
  if (line.exit_status) return *line.exit_status;
  xbus::xbusd::Daemon daemon(line.config, line.system, [&line] { return xbus::xbusd::read_again(line); });
  if (auto started = daemon.start(); !started) {
    std::fprintf(stderr, "xbusd: %s\n", started.error().c_str());
    return 1;
  }
  daemon.run();
  return 0;
}
