// Small elements of streams and stanzas that strangers send: limits, delays, pages, errors. What is
// read is written and read back as the same.
#include <cstdint>
#include <cstdlib>

#include "bus/xml/element.hpp"
#include "bus/xmpp/delay.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/rsm.hpp"
#include "bus/xmpp/stream_limits.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto element =
      xml::parse({reinterpret_cast<const char*>(data), size}, xmpp::ns_stream_limits);
  if (!element) return 0;
  const auto limits = xmpp::stream_limits_from(*element);
  if (xmpp::stream_limits_from(xmpp::to_element(limits)) != limits) std::abort();
  if (const auto delay = xmpp::delay_from(*element)) {
    const auto again = xmpp::delay_from(xmpp::to_element(*delay));
    if (!again || again->stamp != delay->stamp) std::abort();
  }
  (void)xmpp::page_request_from(*element);
  (void)xmpp::page_from(*element);
  const auto error = xmpp::stanza_error_from(*element);
  if (xmpp::stanza_error_from(xmpp::to_element(error)).condition != error.condition) std::abort();
  const auto stream_error = xmpp::stream_error_from(*element);
  if (xmpp::stream_error_from(xmpp::to_element(stream_error)).condition != stream_error.condition)
    std::abort();
  (void)xmpp::sasl_failure_from(*element);
  return 0;
}
