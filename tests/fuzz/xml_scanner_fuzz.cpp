// The scanner on any bytes: how they are cut must not matter, and what it accepts Expat and
// Xerces-C must accept. The first byte of the input chooses the cuts.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "bus/xml/element.hpp"
#include "bus/xml/scanner.hpp"
#include "tests/bus/xml/oracles.hpp"

namespace {

using xbus::xml::Scanner;

// All that the scanner says about the input when it comes in pieces of at most `piece` bytes;
// `accepted`: the stream is closed, and nothing was wrong.
std::string scan(std::string_view input, size_t piece, bool& accepted) {
  std::string said;
  accepted = false;
  Scanner scanner;
  for (size_t at = 0, seen = 0;;) {
    const std::vector<char> window(input.begin() + static_cast<long>(at),
                                   input.begin() + static_cast<long>(seen));
    const Scanner::Step step = scanner.next({window.data(), window.size()});
    at += step.consumed;
    said += step.event == Scanner::Event::more ? ""
                                               : std::to_string(static_cast<int>(step.event)) + ' ';
    if (step.event == Scanner::Event::error) {
      accepted = false;
      return said + std::to_string(static_cast<int>(scanner.error()));
    }
    if (step.event == Scanner::Event::stanza) {
      said += write(build(scanner.stanza(), scanner.header())) +
              std::to_string(scanner.stanza().header_prefixes);
    }
    accepted = accepted || step.event == Scanner::Event::close;
    if (step.event != Scanner::Event::more) continue;
    if (seen == input.size()) return said;
    seen = std::min(input.size(), seen + piece);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool accepted = false;
  const std::string in_pieces = scan(input, 1 + data[0] % 32, accepted);
  if (scan(input, size, accepted) != in_pieces) std::abort();
  if (!accepted) return 0;
  const xbus::xml::ExpatOpinion expat = xbus::xml::ask_expat(input);
  if (!expat.accepted || expat.restricted || expat.text_between) std::abort();
  static xbus::xml::Xerces xerces;
  if (!xerces.accepts(input)) std::abort();
  return 0;
}
