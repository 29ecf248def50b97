// A stanza as `--explain` shows it.
#pragma once
#include <string>
#include <string_view>

#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// A line or more on who said it, with its line feed: printable, an element a line where it is long,
// and with what a login would give away left out.
std::string trace_text(bool outbound, std::string_view stanza, const Terminal& terminal);

}  // namespace xbus::cli
