// Text that is safe to show, by the names of this room; it is made in rpc/printable.hpp.
#pragma once
#include "rpc/printable.hpp"

namespace xbus::common {

using xbus::columns;
using xbus::fitted;
using xbus::is_hidden;
using xbus::Lines;
using xbus::next_character;
using xbus::not_utf8;
using xbus::printable;

}  // namespace xbus::common
