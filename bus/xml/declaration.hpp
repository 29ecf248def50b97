// The XML declaration, the one processing instruction that a stream may have (RFC 6120
// section 11.4).
#pragma once
#include <string_view>

#include "bus/xml/scanner.hpp"

namespace xbus::xml {

// Judges a whole declaration, from "<?xml" to its first '>': version 1.0, no encoding or UTF-8 in
// any case, and a standalone part that is well-formed. `unsupported_encoding` when it names another
// one.
ScanError check_declaration(std::string_view declaration);

}  // namespace xbus::xml
