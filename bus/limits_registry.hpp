// Bounds of the registry that nobody else needs.
#pragma once
#include <cstddef>

namespace xbus::limits {

// What may wait for one name while its owner is being written down.
inline constexpr size_t held_stanzas_per_name_max = 8;

}  // namespace xbus::limits
