// What a site sends as a feed: each entry of it becomes an element that a stream takes and that reads back as the same
// entry.
#include <cstdint>
#include <cstdlib>

#include "adapters/atom/entry_element.hpp"
#include "adapters/atom/reader.hpp"
#include "bus/limits_feeds.hpp"

using namespace xbus;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto feed =
      atom::read_feed({reinterpret_cast<const char*>(data), size}, {.location = "https://example.org/feed"});
  if (!feed) return 0;
  for (const atom::Entry& entry : feed->entries) {
    const std::string written = xml::write(atom::to_element(entry, *feed, {}));
    const auto element = xml::parse(written);
    if (!element || written.size() > limits::entry_bytes_max || entry.id.empty()) std::abort();
    const auto again = atom::entry_from(*element);
    if (!again || again->id != entry.id || again->title != entry.title) std::abort();
  }
  return 0;
}
