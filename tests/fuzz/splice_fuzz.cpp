// What one stream's stanzas become on another's: whatever the sender wrote, expat and our own
// scanner accept it inside the receiver's header, as one stanza from the stamped address. The first
// byte picks the receiver and the sender.
#include <expat.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "bus/router/splice.hpp"
#include "bus/xmpp/stream_text.hpp"

using namespace xbus;

namespace {

// Everything the receiver reads.
void check(const std::string& stream, std::string_view content_ns, std::string_view from) {
  const XML_Parser parser = XML_ParserCreateNS("UTF-8", '\x01');
  const std::string whole = stream + std::string(xmpp::stream_close_tag);
  if (XML_Parse(parser, whole.data(), static_cast<int>(whole.size()), 1) != XML_STATUS_OK)
    std::abort();
  XML_ParserFree(parser);
  xml::ScanLimits wide;
  wide.stanza_bytes_max = 64 * limits::stanza_bytes_max;
  wide.attributes_max += limits::xml_prefixes_max + 2;  // those that the splice adds
  xml::Scanner scanner(wide);
  for (std::string_view rest = stream;;) {
    const auto step = scanner.next(rest);
    rest.remove_prefix(step.consumed);
    if (step.event == xml::Scanner::Event::more) return rest.empty() ? void() : std::abort();
    if (step.event == xml::Scanner::Event::header) continue;
    if (step.event != xml::Scanner::Event::stanza) std::abort();
    const auto tree = xml::build(scanner.stanza(), scanner.header());
    if (tree.ns() != content_ns || (!from.empty() && tree.attr_or("from", "") != from))
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view content_ns = (data[0] & 1) != 0 ? xml::ns_component : xml::ns_client;
  const std::string from = (data[0] & 2) != 0 ? "" : "eve@localhost/it's <\"&";
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string stream = xmpp::stream_header_text({.content_ns = content_ns, .from = "localhost"});
  xml::Scanner scanner;
  router::Stamp stamp;
  for (;;) {
    const auto step = scanner.next(rest);
    if (step.event == xml::Scanner::Event::header) {
      const auto& header = scanner.header();
      // What the stream machines let through; Stamp and Splice count on it.
      if (xmpp::header_fault(header, xml::ns_client, xmpp::VersionNeeded::no) &&
          xmpp::header_fault(header, xml::ns_component, xmpp::VersionNeeded::no))
        return 0;
      stamp = router::Stamp(from, header);
    } else if (step.event == xml::Scanner::Event::stanza) {
      if (scanner.stanza().kind != xml::StanzaView::Kind::other) {
        const router::Splice splice(scanner.stanza(), scanner.header(), stamp, content_ns);
        const std::string text = splice.str();
        if (text.size() != splice.bytes()) std::abort();
        stream += text;
        const auto tree = router::stamped_element(scanner.stanza(), scanner.header(), from);
        if (tree.ns() != xml::ns_client) std::abort();
      }
    } else {
      break;
    }
    rest.remove_prefix(step.consumed);
  }
  check(stream, content_ns, from);
  return 0;
}
