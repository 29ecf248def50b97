#include "services/agent/journal.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "bus/limits.hpp"
#include "rpc/printable.hpp"
#include "services/agent/kernel_file.hpp"

#ifdef XBUS_HAVE_SYSTEMD
#include <poll.h>
#include <systemd/sd-journal.h>
#endif

namespace xbus::agent {

bool is_unit_name(std::string_view unit) {
  constexpr std::array<std::string_view, 11> endings = {
      ".service", ".socket", ".device", ".mount", ".automount", ".swap",
      ".target",  ".path",   ".timer",  ".slice", ".scope"};
  if (unit.empty() || unit.size() > limits::agent_unit_bytes_max) return false;
  if (unit.front() == '-' || unit.front() == '.') return false;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":_.\\@-").find(c) != std::string_view::npos;
  };
  return std::all_of(unit.begin(), unit.end(), allowed) &&
         std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
           return unit.size() > ending.size() && unit.ends_with(ending);
         });
}

#ifdef XBUS_HAVE_SYSTEMD
namespace {

class Journal {
 public:
  explicit Journal(const std::string& folder) {
    const int result = folder.empty() ? ::sd_journal_open(&journal_, SD_JOURNAL_LOCAL_ONLY)
                                      : ::sd_journal_open_directory(&journal_, folder.c_str(), 0);
    if (result < 0) journal_ = nullptr;
  }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal() {
    if (journal_ != nullptr) ::sd_journal_close(journal_);
  }
  explicit operator bool() const { return journal_ != nullptr; }
  sd_journal* handle() const { return journal_; }

  bool match(const std::string& field_and_value) {
    return ::sd_journal_add_match(journal_, field_and_value.data(), field_and_value.size()) >= 0;
  }

  // A field of the current entry, without its name; empty where the entry has none.
  std::string_view field(const char* name) {
    const void* data = nullptr;
    size_t size = 0;
    if (::sd_journal_get_data(journal_, name, &data, &size) < 0) return {};
    const std::string_view text(static_cast<const char*>(data), size);
    const size_t equals = text.find('=');
    return equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  }

 private:
  sd_journal* journal_ = nullptr;
};

std::string priority_name(std::string_view number) {
  constexpr std::array<const char*, 8> names = {"emerg",   "alert",  "crit", "err",
                                                "warning", "notice", "info", "debug"};
  const auto priority = whole_number(number);
  return priority && *priority >= 0 && *priority < 8 ? names[static_cast<size_t>(*priority)]
                                                     : "info";
}

// What the field holds, printable, cut to at most `bytes_max` between characters.
std::string shown(std::string_view text, size_t bytes_max) {
  constexpr std::string_view cut_mark = "…";
  std::string out = printable(text.substr(0, bytes_max));
  if (out.size() <= bytes_max && text.size() <= bytes_max) return out;
  size_t end = 0;
  for (size_t at = 0; at < out.size() && at + cut_mark.size() <= bytes_max; end = at) {
    size_t next = at;
    next_character(out, &next);
    if (next + cut_mark.size() > bytes_max) break;
    at = next;
  }
  return out.substr(0, end) + std::string(cut_mark);
}

LogLine line_at(Journal& journal) {
  LogLine line;
  uint64_t microseconds = 0;
  if (::sd_journal_get_realtime_usec(journal.handle(), &microseconds) >= 0)
    line.time = Timestamp(std::chrono::microseconds(microseconds));
  line.priority = priority_name(journal.field("PRIORITY"));
  std::string_view program = journal.field("SYSLOG_IDENTIFIER");
  if (program.empty()) program = journal.field("_COMM");
  line.program = shown(program, 64);
  const auto pid = whole_number(journal.field("_PID"));
  if (pid && *pid > 0 && *pid <= INT32_MAX) line.pid = static_cast<int32_t>(*pid);
  line.message = shown(journal.field("MESSAGE"), limits::agent_log_line_bytes_max);
  return line;
}

}  // namespace

bool has_journal(const std::string& folder) {
  Journal journal(folder);
  return journal && ::sd_journal_seek_tail(journal.handle()) >= 0 &&
         ::sd_journal_previous(journal.handle()) > 0;
}

Result<std::vector<LogLine>, JournalError> logs(std::string_view unit, int32_t lines,
                                                const std::string& folder) {
  std::string name(unit);
  if (!is_unit_name(name)) name += ".service";
  if (!is_unit_name(name)) return Err{JournalError::bad_unit};
  if (lines < 1 || static_cast<size_t>(lines) > limits::agent_log_lines_max)
    return Err{JournalError::bad_lines};
  Journal journal(folder);
  if (!journal) return Err{JournalError::none_here};
  // What the unit's processes say, or what systemd itself says about the unit.
  if (!journal.match("_SYSTEMD_UNIT=" + name) ||
      ::sd_journal_add_disjunction(journal.handle()) < 0 || !journal.match("_PID=1") ||
      !journal.match("UNIT=" + name) || ::sd_journal_seek_tail(journal.handle()) < 0)
    return Err{JournalError::unreadable};
  std::vector<LogLine> found;
  while (found.size() < static_cast<size_t>(lines)) {
    const int moved = ::sd_journal_previous(journal.handle());
    if (moved < 0) return Err{JournalError::unreadable};
    if (moved == 0) break;
    found.push_back(line_at(journal));
  }
  std::reverse(found.begin(), found.end());
  return found;
}

namespace {

// The microseconds of the monotonic clock by which the library wants to be asked again, as a wait from now.
Duration patience_of(sd_journal* journal) {
  uint64_t until = UINT64_MAX;
  if (::sd_journal_get_timeout(journal, &until) < 0 || until == UINT64_MAX) return Duration(-1);
  const auto at = std::chrono::steady_clock::time_point(std::chrono::microseconds(static_cast<int64_t>(until)));
  return std::max<Duration>(Duration(0), at - std::chrono::steady_clock::now());
}

}  // namespace

Result<void, JournalError> follow_journal(const JournalFollow& follow, const Stop& stop) {
  Journal journal(follow.folder);
  if (!journal) return Err{JournalError::none_here};
  for (int priority = 0; priority <= follow.least; ++priority)
    if (!journal.match("PRIORITY=" + std::to_string(priority))) return Err{JournalError::unreadable};
  const int fd = ::sd_journal_get_fd(journal.handle());
  if (fd < 0 || ::sd_journal_seek_tail(journal.handle()) < 0 || ::sd_journal_previous(journal.handle()) < 0)
    return Err{JournalError::unreadable};
  if (follow.begun) follow.begun();
  for (;;) {
    int moved = 0;
    while ((moved = ::sd_journal_next(journal.handle())) > 0) {
      std::string_view unit = journal.field("UNIT");  // what systemd says about a unit
      if (unit.empty() || journal.field("_PID") != "1") unit = journal.field("_SYSTEMD_UNIT");
      std::string shown_unit = shown(unit, limits::agent_unit_bytes_max);
      follow.tell(line_at(journal), std::move(shown_unit));
      if (wait_for(-1, 0, stop, Duration(0)) == Woken::stopped) return {};
    }
    if (moved < 0) return Err{JournalError::unreadable};
    const int events = ::sd_journal_get_events(journal.handle());
    const auto wanted = static_cast<short>(events < 0 ? POLLIN : events);
    if (wait_for(fd, wanted, stop, patience_of(journal.handle())) == Woken::stopped) return {};
    if (::sd_journal_process(journal.handle()) < 0) return Err{JournalError::unreadable};
  }
}
#else
bool has_journal(const std::string&) { return false; }

Result<std::vector<LogLine>, JournalError> logs(std::string_view, int32_t, const std::string&) {
  return Err{JournalError::none_here};
}

Result<void, JournalError> follow_journal(const JournalFollow&, const Stop&) { return Err{JournalError::none_here}; }
#endif

}  // namespace xbus::agent
