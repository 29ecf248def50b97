// A stanza as `--explain` shows it.
#pragma once
#include <string>
#include <string_view>

#include "services/xbus/terminal.hpp"

namespace xbus::cli {

// A line or more on who said it, with its line feed: printable, an element a line where it is long,
// and with what a login would give away left out.
std::string trace_text(bool outbound, std::string_view stanza, const Terminal& terminal);

// A well-formed stanza, an element a line, indented by depth; text stays with the tags around it.
std::string laid_out(std::string_view stanza);

}  // namespace xbus::cli
