// The log of a program: one line an event on standard error, for people or as JSON for programs.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/clock.hpp"
#include "rpc/log_level.hpp"

namespace xbus::common {

enum class LogFormat { text, json };
using LogLevel = xbus::LogLevel;

std::optional<LogFormat> log_format_of(std::string_view name);  // "text", "json"
std::optional<LogLevel> log_level_of(std::string_view name);    // "debug", "info", "warn", "error"

// A value; copies write to the same place and share the level. Each line is one write(2), so lines of several threads
// do not mix. Nothing in a field acts on a terminal.
class Log {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  explicit Log(LogFormat format = LogFormat::text, LogLevel least = LogLevel::info, int fd = 2)
      : format_(format), least_(std::make_shared<std::atomic<LogLevel>>(least)), fd_(fd) {}

  // The least that is written, of this and all its copies. Any thread.
  LogLevel level() const { return least_->load(std::memory_order_relaxed); }
  void set_level(LogLevel least) const { least_->store(least, std::memory_order_relaxed); }

  // `event` is a few constant words; what varies stands in fields.
  void debug(std::string_view event, const Fields& fields = {}) const {
    write(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, const Fields& fields = {}) const {
    write(LogLevel::info, event, fields);
  }
  void warn(std::string_view event, const Fields& fields = {}) const {
    write(LogLevel::warn, event, fields);
  }
  void error(std::string_view event, const Fields& fields = {}) const {
    write(LogLevel::error, event, fields);
  }

  // The form that the bus's rooms log through; a level that is not known is info.
  void operator()(std::string_view level, std::string_view event, const Fields& fields) const {
    write(log_level_of(level).value_or(LogLevel::info), event, fields);
  }

  // The line that would be written, with its line feed.
  static std::string line(LogFormat format, Timestamp time, LogLevel level, std::string_view event,
                          const Fields& fields);

 private:
  void write(LogLevel level, std::string_view event, const Fields& fields) const;

  LogFormat format_ = LogFormat::text;
  std::shared_ptr<std::atomic<LogLevel>> least_;
  int fd_ = 2;
};

}  // namespace xbus::common
