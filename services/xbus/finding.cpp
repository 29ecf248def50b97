#include "services/xbus/finding.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "rpc/printable.hpp"

namespace xbus::cli {
namespace {

using Result = Finding::Result;

std::string_view word_of(Result result) {
  switch (result) {
    case Result::ok:
      return "ok";
    case Result::failed:
      return "failed";
    case Result::skipped:
      break;
  }
  return "skipped";
}

std::string column(std::string_view text, size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

}  // namespace

std::string milliseconds_text(Duration time) {
  std::array<char, 32> text{};
  const double count = std::chrono::duration<double, std::milli>(time).count();
  std::snprintf(text.data(), text.size(), "%7.1f ms", count);
  return text.data();
}

std::string finding_line(const Finding& finding, const Terminal& terminal) {
  const bool failed = finding.result == Result::failed;
  const bool skipped = finding.result == Result::skipped;
  std::string rest = column(finding.step, 13);
  rest += skipped ? std::string(10, ' ') : milliseconds_text(finding.took);
  rest += "  " + finding.says;
  if (!finding.advice.empty()) rest += "; " + finding.advice;
  while (rest.ends_with(' ')) rest.pop_back();
  const std::string line = column(failed ? "FAILED" : word_of(finding.result), 9) + printable(rest);
  if (failed) return terminal.red(line) + "\n";
  return (skipped ? terminal.dim(line) : line) + "\n";
}

Value finding_value(const Finding& finding) {
  Value out = Value::structure(
      {{"step", finding.step},
       {"result", std::string(word_of(finding.result))},
       {"milliseconds", std::chrono::duration<double, std::milli>(finding.took).count()},
       {"says", finding.says}});
  if (!finding.cause.empty()) out.set("cause", finding.cause);
  if (finding.result == Result::failed) {
    out.set("kind", std::string(name_of(finding.kind)));
    out.set("status", exit_status(finding.kind));
  }
  if (!finding.advice.empty()) out.set("advice", finding.advice);
  return out;
}

}  // namespace xbus::cli
