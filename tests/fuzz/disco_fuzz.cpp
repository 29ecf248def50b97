// What a stranger answers to a discovery: reading it, hashing it, writing it back.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/caps.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto element = xml::parse({reinterpret_cast<const char*>(data), size}, xmpp::ns_disco_info);
  if (!element) return 0;
  if (auto info = xmpp::disco_info_from(*element)) {
    auto again = xmpp::disco_info_from(xmpp::to_element(*info));
    if (!again || xmpp::caps_ver(*again) != xmpp::caps_ver(*info)) std::abort();
    if (!info->has_other_elements && xmpp::caps2_input(*again) != xmpp::caps2_input(*info))
      std::abort();
  }
  if (auto items = xmpp::disco_items_from(*element)) {
    auto again = xmpp::disco_items_from(xmpp::to_element(*items));
    if (!again || *again != *items) std::abort();
  }
  xmpp::caps_from(*element);
  xmpp::caps2_from(*element);
  return 0;
}
