// One finding of `xbus doctor`: a step on the way to a service, how it ended, and what to do about
// it.
#pragma once
#include <cstdint>
#include <string>

#include "bus/clock.hpp"
#include "rpc/error_table.hpp"
#include "rpc/value.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

struct Finding {
  enum class Result : uint8_t { ok, failed, skipped };
  Result result = Result::ok;
  std::string step = {};           // "certificate"
  std::string says = {};           // what was found, or what is wrong; may hold the words of a peer
  std::string cause = {};          // what is wrong in a word for programs: "expired"
  std::string advice = {};         // what to do about it
  FaultKind kind = FaultKind::ok;  // its row of the error table
  Duration took{};
};

// "FAILED   certificate     3.1 ms  expired on ...; renew it", with its line feed: printable, one
// line.
std::string finding_line(const Finding& finding, const Terminal& terminal);
// step, result, milliseconds, says, and where it failed cause, kind, status and advice.
Value finding_value(const Finding& finding);

// "3.1 ms", to the right of ten columns.
std::string milliseconds_text(Duration time);

}  // namespace xbus::cli
