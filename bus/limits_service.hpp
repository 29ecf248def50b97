// Bounds inside one service that nobody else needs: what one caller may take of what all callers share.
#pragma once
#include <cstddef>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t command_sessions_per_account_max = 16;  // of command_sessions_max, for one account
inline constexpr size_t waiters_per_call_max = 256;             // for the answer of one running call, by its key

static_assert(command_sessions_per_account_max < command_sessions_max);
static_assert(waiters_per_call_max < running_calls_max);

}  // namespace xbus::limits
