// What answers of the server's own may take where a queue is full, so that no request stays without one.
#pragma once
#include <cstddef>

#include "bus/limits.hpp"

namespace xbus::limits {

// Past the bound of the queue: of one connection, which is not read until its queue is written up to there, and of all
// connections of an account, shared by them.
inline constexpr size_t answers_beyond_bytes_max = 256 * 1024;
inline constexpr size_t answers_beyond_bytes_per_account_max = 4 * 1024 * 1024;

static_assert(answers_beyond_bytes_max <= answers_beyond_bytes_per_account_max);
static_assert(answers_beyond_bytes_per_account_max < queue_bytes_per_account_max);

}  // namespace xbus::limits
