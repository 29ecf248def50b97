// Base64 (RFC 4648), strict.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace xbus::crypto {

// Section 4, with padding, one line.
std::string base64_encode(std::string_view bytes);
// nullopt unless `text` is exactly what base64_encode gives: no line breaks or spaces, padding
// present, unused bits zero (CORE-22). The empty string decodes to no bytes.
std::optional<std::string> base64_decode(std::string_view text);

// Section 5, the url-safe alphabet, without padding.
std::string base64url_encode(std::string_view bytes);

}  // namespace xbus::crypto
