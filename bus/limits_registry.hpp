// Bounds of the registry that nobody else needs.
#pragma once
#include <chrono>
#include <cstddef>

namespace xbus::limits {

using namespace std::chrono_literals;

// What may wait for one name while its owner is being written down.
inline constexpr size_t held_stanzas_per_name_max = 8;

// What may wait for a service none of whose instances has said yet what it is; an instance that has not said so by
// then is taken for one that knows plain XEP-0009.
inline constexpr auto describe_answer_time = 3s;
inline constexpr size_t undescribed_stanzas_per_name_max = 64;
inline constexpr size_t undescribed_bytes_per_name_max = 2 * 1024 * 1024;
inline constexpr size_t undescribed_bytes_max = 16 * 1024 * 1024;

static_assert(undescribed_bytes_per_name_max <= undescribed_bytes_max);

}  // namespace xbus::limits
