// Runs one command for `xbus serve`: directly, never through a shell, within bounds of time and
// output.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/clock.hpp"
#include "bus/limits.hpp"

namespace xbus::cli {

struct Command {
  std::vector<std::string>
      words;          // the program, then its arguments; the program is looked up in PATH
  std::string input;  // what it reads on standard input
  // Set in its environment beside what this program has; an empty value removes the name.
  std::vector<std::pair<std::string, std::string>> environment;
  Duration time_max{};
  size_t output_bytes_max = limits::exec_output_bytes_max;
};

struct Ending {
  enum class Kind {
    exited,       // `status` is its exit status
    signalled,    // `status` is the signal
    not_started,  // `status` is the errno
    timed_out,    // killed at its deadline
    oversize,     // killed for writing more than it may
    stopped,      // killed because `stop` was readable
  } kind = Kind::not_started;
  int status = 0;
  std::string output;      // of exited only
  std::string error_line;  // the last line that is not empty on its standard error, as it came, cut
                           // to limits::exec_error_line_bytes_max
};

// Runs the command and waits for its end. It and all that it starts, in whatever process group or
// session, are killed at the deadline, when its output is too large, when the command itself has
// ended, and when this program dies (keeper.hpp). It inherits no open file beside the three. Safe
// to call from several threads at once; SIGPIPE must be ignored. `stop`, when not negative, is a
// file descriptor that becomes readable when the work is no longer wanted.
Ending run_command(const Command& command, int stop = -1);

}  // namespace xbus::cli
