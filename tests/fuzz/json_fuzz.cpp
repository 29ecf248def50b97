// JSON from a command line or a pipe: what is read is written and read back as the same.
#include <cstdint>
#include <cstdlib>

#include "services/common/json.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto value = common::json_value({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  for (auto layout : {common::JsonLayout::compact, common::JsonLayout::indented}) {
    const auto again = common::json_value(common::json_text(*value, layout));
    if (!again || *again != *value) std::abort();
  }
  return 0;
}
