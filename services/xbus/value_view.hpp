// A Value as a person reads it: a table for a list of structures, lines for the rest.
#pragma once
#include <string>

#include "rpc/value.hpp"
#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// A list of structures is a table, a column a member; a structure is a line a member; members that
// are structures are taken apart ("received.bytes"); a list of scalars is a line each, a scalar is
// its text. Ends with a line feed unless it is empty, as nil is. Nothing in it acts on the terminal
// but the colours of `terminal`.
std::string value_view(const Value& value, const Terminal& terminal);

}  // namespace xbus::cli
