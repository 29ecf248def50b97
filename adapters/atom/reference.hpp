// References to resources (RFC 3986): a relative one in the light of its base.
#pragma once
#include <string>
#include <string_view>

namespace xbus::atom {

// Section 5.2. Without a base that is absolute the reference stays as it is. White space around it is left out.
std::string resolve(std::string_view base, std::string_view reference);

// It begins with a scheme.
bool is_absolute(std::string_view reference);

// Absolute, of a scheme that is safe to follow from a feed: http, https or ftp; else empty. White space inside is
// percent-encoded.
std::string link_of(std::string_view base, std::string_view reference);

}  // namespace xbus::atom
