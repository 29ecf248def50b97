// Words of a line as a shell has them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bus/result.hpp"

namespace xbus {

// Split at white space. 'Single quotes' keep everything, "double quotes" all but \" and \\, a backslash outside quotes
// the next character. Nothing is expanded. The error is a line for a person.
Result<std::vector<std::string>, std::string> shell_words(std::string_view line);

}  // namespace xbus
