// Stream management over any sequence of what comes and goes: the counters hold, and memory is bounded. Each byte is one
// step.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/sm.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  xbus::xmpp::StreamManagement sm({.stanzas_max = 20, .bytes_max = 200, .start = UINT32_MAX - 10});
  for (size_t i = 0; i < size; ++i) {
    const uint32_t argument = data[i] >> 2;
    if ((data[i] & 3) == 0 && sm.has_room(argument)) sm.sent(std::string(argument, 'x'), i);
    if ((data[i] & 3) == 1) sm.acknowledged(sm.sent_count() - argument);
    if ((data[i] & 3) == 2) sm.handled();
    if ((data[i] & 3) == 2 && sm.tell_due() && sm.answer().empty()) std::abort();
    if ((data[i] & 3) == 3 && sm.ask_due() && sm.request().empty()) std::abort();
    if (sm.unacked().size() > 20 || sm.unacked_bytes() > 200) std::abort();
    if (!sm.acknowledged(sm.sent_count() - static_cast<uint32_t>(sm.unacked().size()))) std::abort();
  }
  return 0;
}
