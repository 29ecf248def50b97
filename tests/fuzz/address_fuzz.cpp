// Addresses as a person or a file may give them: what is accepted reads back the same.
#include <cstdlib>
#include <string_view>

#include "bus/client/bus_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto address = xbus::net::parse_address(text);
  if (size != 0) {
    const auto tried = xbus::client::bus_addresses(text, {});
    if (tried.ok() != address.ok() || (address && tried->front() != *address)) std::abort();
  }
  if (!address) return 0;
  auto again = xbus::net::parse_address(xbus::net::to_string(*address));
  if (!again || *again != *address) std::abort();
  return 0;
}
