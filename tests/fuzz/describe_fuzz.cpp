// A descriptor set that a stranger gives as its description: what is read is written and read back
// as the same.
#include <cstdint>
#include <cstdlib>

#include "rpc/describe.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  const auto description = description_from(Bytes(bytes, bytes + size));
  if (!description) return 0;
  (void)description->hash();
  const auto again = description_from(to_descriptor_set(*description));
  if (again && again->hash() != description->hash()) std::abort();
  return 0;
}
