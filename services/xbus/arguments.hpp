// What is typed as a call's arguments, by the names of this room; it is read in rpc/arguments.hpp.
#pragma once
#include "rpc/arguments.hpp"

namespace xbus::cli {

using xbus::json_arguments;
using xbus::plain_arguments;
using xbus::plain_json_arguments;
using xbus::typed_arguments;
using xbus::typed_value;

}  // namespace xbus::cli
