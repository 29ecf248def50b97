// What a stranger writes as an address: parsing neither crashes nor lets through what is not
// prepared.
#include <cstdint>
#include <cstdlib>

#include "bus/xmpp/jid.hpp"
#include "bus/xmpp/jid_escape.hpp"

using namespace xbus::xmpp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto jid = Jid::parse(text);
  if (jid) {
    auto again = Jid::parse(jid->str());
    if (!again || *again != *jid || again->local() != jid->local() ||
        again->domain() != jid->domain())
      std::abort();
    auto made = Jid::make(jid->local(), jid->domain(), jid->resource());
    if (!made || *made != *jid) std::abort();
  }
  // Escaping puts the name's own characters back, but for the case of an escape that preparation
  // would lower.
  if (jid_unescape(jid_escape(text)).size() != size) std::abort();
  return 0;
}
