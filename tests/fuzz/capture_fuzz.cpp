// A capture, on any bytes: it is read or refused with a reason, and at a split the same comes of
// it.
#include <cstdint>
#include <cstdlib>

#include "services/xbus/capture.hpp"

using namespace xbus;

namespace {

// All items as text, then how it ended.
std::string read(std::string_view bytes, size_t split) {
  cli::CaptureReader reader;
  std::string out;
  size_t at = 0;
  for (const size_t end : {split, bytes.size()}) {
    for (;;) {
      const auto step = reader.next(bytes.substr(at, end - at));
      at += step.consumed;
      if (at > end) std::abort();
      if (step.event == cli::CaptureReader::Event::more) break;
      if (step.event == cli::CaptureReader::Event::error) return out + reader.error();
      const cli::CaptureItem& item = reader.item();
      if (step.event == cli::CaptureReader::Event::end) continue;
      if (!item.seen && !item.instance && item.missed == 0) std::abort();
      out += item.seen ? xml::write(xmpp::to_element(*item.seen)) : std::to_string(item.missed);
    }
  }
  return out + (reader.finish() ? "whole" : reader.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read(bytes, data[0] % size) != read(bytes, bytes.size())) std::abort();
  return 0;
}
