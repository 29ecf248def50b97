// Addresses as a person or a file may give them: what is accepted reads back the same.
#include <cstdlib>
#include <string_view>

#include "bus/net/address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto address = xbus::net::parse_address({reinterpret_cast<const char*>(data), size});
  if (!address) return 0;
  auto again = xbus::net::parse_address(xbus::net::to_string(*address));
  if (!again || *again != *address) std::abort();
  return 0;
}
