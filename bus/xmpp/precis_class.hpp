// The string classes of PRECIS (RFC 8264 section 4) and the Bidi Rule (RFC 5893), over UTF-16.
#pragma once
#include <string>

#include "bus/xmpp/precis.hpp"

namespace xbus::xmpp::precis {

enum class StringClass { identifier, freeform };

// Whether every code point is allowed in the class, contextual rules included (RFC 8264 section 8,
// RFC 5892 appendix A).
bool in_class(const std::u16string& text, StringClass string_class);

// Whether a code point of the Bidi classes R, AL or AN occurs.
bool has_right_to_left(const std::u16string& text);
// The six conditions of RFC 5893 section 2.
bool keeps_bidi_rule(const std::u16string& text);

// The mappings of UsernameCaseMapped, once: width, lower case, NFC.
std::u16string fold_width_and_case(const std::u16string& text);

Result<std::u16string, PrecisError> to_utf16(std::string_view text);
std::string to_utf8(const std::u16string& text);

}  // namespace xbus::xmpp::precis
