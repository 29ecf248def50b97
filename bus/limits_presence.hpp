// Bounds of presence that nobody else needs: what is remembered of directed presence, besides limits::directed_presence_max.
#pragma once
#include <cstddef>

#include "bus/limits.hpp"

namespace xbus::limits {

inline constexpr size_t directed_presence_bytes_max = 1024 * 1024;  // the addresses of one session
inline constexpr size_t directed_presence_bytes_per_account_max = 64 * 1024 * 1024;  // of all of them, shared by its sessions

static_assert(directed_presence_bytes_max <= directed_presence_bytes_per_account_max);

}  // namespace xbus::limits
