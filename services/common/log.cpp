#include "services/common/log.hpp"

#include <unistd.h>

#include <array>
#include <chrono>

#include "rpc/json.hpp"
#include "rpc/printable.hpp"

namespace xbus::common {
namespace {

constexpr std::array<std::string_view, 4> level_names = {"debug", "info", "warn", "error"};

// A value that needs no quotes stays bare: `key=value`, as many tools read.
std::string text_value(const std::string& value) {
  const bool bare = !value.empty() && value.find_first_of(" \"=\\") == std::string::npos &&
                    printable(value) == value;
  return bare ? value : json_quoted(value);
}

}  // namespace

std::optional<LogFormat> log_format_of(std::string_view name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  return std::nullopt;
}

std::optional<LogLevel> log_level_of(std::string_view name) {
  for (size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == name) return static_cast<LogLevel>(i);
  return std::nullopt;
}

std::string Log::line(LogFormat format, Timestamp time, LogLevel level, std::string_view event,
                      const Fields& fields) {
  const std::string_view level_name = level_names[static_cast<size_t>(level)];
  std::string out;
  if (format == LogFormat::json) {
    out = "{\"time\":\"" + time_text(time) + "\",\"level\":\"" + std::string(level_name) +
          "\",\"event\":" + json_quoted(event);
    for (const auto& [name, value] : fields)
      out += "," + json_quoted(name) + ":" + json_quoted(value);
    return out + "}\n";
  }
  out = time_text(time) + " " + std::string(level_name) + " " + printable(event);
  for (const auto& [name, value] : fields) out += " " + printable(name) + "=" + text_value(value);
  return out + "\n";
}

void Log::write(LogLevel level, std::string_view event, const Fields& fields) const {
  if (level < this->level()) return;
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::string text = line(format_, now, level, event, fields);
  // What cannot be written is lost: there is no better place to say so.
  [[maybe_unused]] const auto written = ::write(fd_, text.data(), text.size());
}

}  // namespace xbus::common
