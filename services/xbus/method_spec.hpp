// The methods of a served command as its operator writes them: "greet,stop" or "add(a: int32, b:
// int32?) -> int32".
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rpc/description.hpp"

namespace xbus::cli {

// Reads methods between commas. A name is a letter or _ and then letters, digits, _ or a dot.
// Behind it may stand parameters in parentheses and a result. A name alone takes up to
// limits::exec_arguments_max values of any type. Types: any, bool, int32, int64, double, string,
// bytes, timestamp, duration, list<T>, map<T>, and T? for what may be left out or null; results
// also nothing. Throws a Fault of kind invalid that shows what is not understood.
std::vector<MethodDescription> method_specs(std::string_view text);

}  // namespace xbus::cli
