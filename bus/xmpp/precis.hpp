// Preparation and enforcement of internationalised strings: the PRECIS profiles that XMPP uses (RFC
// 8264, RFC 8265) and domain names (IDNA2008).
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"

namespace xbus::xmpp::precis {

enum class PrecisError {
  empty,  // nothing, or nothing left after the mappings
  bad_utf8,
  disallowed,  // a code point the class does not allow, or that its context forbids
  bidi,        // breaks the Bidi Rule (RFC 5893 section 2)
  unstable,    // the mappings never settle
};

// RFC 8265 section 3.3: user names and localparts. Width-mapped, lower case, NFC, IdentifierClass.
// The characters that only XMPP forbids (RFC 7622 section 3.3.1) are Jid's business.
Result<std::string, PrecisError> username_case_mapped(std::string_view text);

// RFC 8265 section 4.2: passwords and resources. Every space becomes U+0020, NFC, FreeformClass.
Result<std::string, PrecisError> opaque_string(std::string_view text);

// RFC 7622 section 3.2: an IPv4 address, an IPv6 address in brackets, or a name of IDNA2008 labels
// in lower case as U-labels. One trailing dot is removed.
Result<std::string, PrecisError> domain(std::string_view text);

}  // namespace xbus::xmpp::precis
