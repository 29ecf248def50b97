#include "services/common/counted.hpp"

namespace xbus::common {

std::string counted(uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace xbus::common
