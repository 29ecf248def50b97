// What a stranger publishes about itself: what is read as a payload is written so that it reads as the same again.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/payloads/avatar_data.hpp"
#include "bus/xmpp/payloads/avatar_metadata.hpp"
#include "bus/xmpp/payloads/event_log.hpp"
#include "bus/xmpp/payloads/geolocation.hpp"
#include "bus/xmpp/payloads/json_container.hpp"
#include "bus/xmpp/payloads/nickname.hpp"
#include "bus/xmpp/payloads/user_activity.hpp"
#include "bus/xmpp/payloads/user_browsing.hpp"
#include "bus/xmpp/payloads/user_chatting.hpp"
#include "bus/xmpp/payloads/user_gaming.hpp"
#include "bus/xmpp/payloads/user_mood.hpp"
#include "bus/xmpp/payloads/user_tune.hpp"
#include "bus/xmpp/payloads/user_viewing.hpp"
#include "bus/xmpp/payloads/vcard4.hpp"
#include "bus/xmpp/payloads/vcard_temp.hpp"

using namespace xbus;

// The second text is compared, since a time beyond the years of XEP-0082 is written as the last one that it has.
template <class From>
void both_ways(const xml::Element& element, From from) {
  const auto read = from(element);
  if (!read) return;
  const std::string written = xml::write(xmpp::to_element(*read));
  const auto again = from(xmpp::to_element(*read));
  if (!again || xml::write(xmpp::to_element(*again)) != written) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto element = xml::parse({reinterpret_cast<const char*>(data), size});
  if (!element) return 0;
  both_ways(*element, xmpp::avatar_data_from);
  both_ways(*element, xmpp::avatar_metadata_from);
  both_ways(*element, xmpp::event_log_from);
  both_ways(*element, xmpp::geolocation_from);
  both_ways(*element, xmpp::json_container_from);
  both_ways(*element, xmpp::nickname_from);
  both_ways(*element, xmpp::user_activity_from);
  both_ways(*element, xmpp::user_browsing_from);
  both_ways(*element, xmpp::user_chatting_from);
  both_ways(*element, xmpp::user_gaming_from);
  both_ways(*element, xmpp::user_mood_from);
  both_ways(*element, xmpp::user_tune_from);
  both_ways(*element, xmpp::user_viewing_from);
  both_ways(*element, xmpp::vcard4_from);
  both_ways(*element, xmpp::vcard_temp_from);
  return 0;
}
