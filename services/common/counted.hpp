// A number with what it counts.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace xbus::common {

// "1 service", "2 services", "0 services". For nouns that take an s.
std::string counted(uint64_t count, std::string_view noun);

}  // namespace xbus::common
