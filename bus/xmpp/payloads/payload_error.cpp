#include "bus/xmpp/payloads/payload_error.hpp"

#include <array>

namespace xbus::xmpp {

namespace {

// Indexed by PayloadFault.
constexpr std::array<std::string_view, 7> faults = {"another element", "missing",      "malformed",
                                                    "out of range",    "unknown word", "too long",
                                                    "too many"};
static_assert(faults.size() == static_cast<size_t>(PayloadFault::too_many) + 1);

}  // namespace

std::string describe(const PayloadError& error) {
  const std::string_view fault = faults[static_cast<size_t>(error.fault)];
  if (error.part.empty()) return std::string(fault);
  return std::string(error.part) + ": " + std::string(fault);
}

}  // namespace xbus::xmpp
