// The word that was probably meant.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace xbus::common {

// The word that is nearest to `typed`: by at most one letter more, less, other or swapped with its
// neighbour in words of up to five letters, by at most two in longer ones; case does not count.
// Empty when none is near, or `typed` is itself among them.
std::string similar(std::string_view typed, const std::vector<std::string>& words);

}  // namespace xbus::common
