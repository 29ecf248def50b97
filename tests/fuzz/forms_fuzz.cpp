// What a stranger sends as a form: reading, checking and writing it back.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/form_validation.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto element = xml::parse({reinterpret_cast<const char*>(data), size}, xmpp::ns_data);
  if (!element) return 0;
  auto form = xmpp::form_from(*element);
  if (!form) return 0;
  xmpp::check_submission(*form, *form);
  auto again = xmpp::form_from(xmpp::to_element(*form));
  if (!again || *again != *form) std::abort();
  return 0;
}
