// The one line that tells a failure: what failed, where, why, and what can be done about it.
#pragma once
#include <string>
#include <string_view>

#include "rpc/fault.hpp"

namespace xbus::cli {

// What the program was doing when no bus could be reached or logged in to.
inline constexpr std::string_view doing_connect = "connect";

// "xbus: call agent frobnicate: no-such-method: ...; `xbus describe SERVICE` shows its methods". The
// details that the service gave stand in brackets behind the message. Printable, one line, without
// a line feed.
std::string failure_line(std::string_view doing, const Fault& fault);

// The same for a program, as one line of JSON: doing, kind, code (XML-RPC), status (the exit
// status), message, details (an object of texts), advice.
std::string failure_json(std::string_view doing, const Fault& fault);

}  // namespace xbus::cli
