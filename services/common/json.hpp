// JSON by the names of this room; it is read and written in rpc/json.hpp.
#pragma once
#include "rpc/json.hpp"

namespace xbus::common {

using xbus::json_quoted;
using xbus::json_text;
using xbus::json_value;
using xbus::JsonError;
using xbus::JsonLayout;
using xbus::time_text;

}  // namespace xbus::common
