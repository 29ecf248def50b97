// A password, from where it does not show: a file, the environment, or a person at the terminal.
// Never from argv.
#pragma once
#include <optional>
#include <string>

#include "bus/result.hpp"

namespace xbus::common {

// The first line of the file, of at most limits::password_bytes_max bytes; the error says what is
// wrong. A file that others than its owner may read is refused.
Result<std::string, std::string> password_from_file(const std::string& path);

// The variable, and takes it out of this program's environment; nothing when it is not set or
// empty.
std::optional<std::string> password_from_environment(const char* name = "XBUS_PASSWORD");

// Asks the person at the controlling terminal, without echo; nothing without a terminal, or when
// they end the input.
std::optional<std::string> password_from_person(const std::string& prompt);

}  // namespace xbus::common
