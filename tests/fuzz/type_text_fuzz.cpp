// A type as text, in an option of a foreign description: what is read is written and read back as
// the same.
#include <cstdint>
#include <cstdlib>

#include "rpc/type_text.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto type = type_from_text({reinterpret_cast<const char*>(data), size}, {});
  if (type && type_from_text(type->text(), {}) != type) std::abort();
  return 0;
}
