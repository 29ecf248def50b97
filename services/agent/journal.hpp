// The last lines of one unit in the host's journal, read by systemd's own library, never through a
// shell.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/clock.hpp"
#include "bus/result.hpp"
#include "rpc/members.hpp"
#include "services/agent/source.hpp"

namespace xbus::agent {

struct LogLine {
  Timestamp time{};
  std::string priority;  // syslog's words: emerg, alert, crit, err, warning, notice, info, debug
  std::string program;
  int32_t pid = 0;  // 0 where the journal does not say
  std::string message;
};
XBUS_STRUCT(LogLine, time, priority, program, pid, message)

enum class JournalError { none_here, bad_unit, bad_lines, unreadable };

// True for the full name of a unit as systemd.unit(5) spells it: letters, digits and : _ . \ @ -, a
// known ending, at most limits::agent_unit_bytes_max bytes, not beginning with a dash or a dot.
bool is_unit_name(std::string_view unit);

// True where this build reads journals and `folder` holds one that may be read ("": the host's
// own).
bool has_journal(const std::string& folder = {});

// The last `lines` (1 to limits::agent_log_lines_max) of `unit` ("ssh" means "ssh.service"), oldest
// first. Messages are made printable and cut to limits::agent_log_line_bytes_max. May wait for the
// disk.
Result<std::vector<LogLine>, JournalError> logs(std::string_view unit, int32_t lines,
                                                const std::string& folder = {});

struct JournalFollow {
  std::string folder;                                         // empty: the host's own
  int least = 3;                                              // priorities 0 (emerg) to this are told
  std::function<void(LogLine line, std::string unit)> tell;   // by the thread that runs it; the unit may be empty
  std::function<void()> begun = {};                           // what is written from now on is told
};

// Tells each new line, as logs() would show it, until told to stop. Waits for the journal's own word (inotify).
Result<void, JournalError> follow_journal(const JournalFollow& follow, const Stop& stop);

}  // namespace xbus::agent
