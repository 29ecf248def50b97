// JSON from a command line or a pipe: what is read is written and read back as the same.
#include <cstdint>
#include <cstdlib>

#include "rpc/json.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto value = json_value({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  for (auto layout : {JsonLayout::compact, JsonLayout::indented}) {
    const auto again = json_value(json_text(*value, layout));
    if (!again || *again != *value) std::abort();
  }
  return 0;
}
