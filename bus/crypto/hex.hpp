// Hexadecimal (RFC 4648 section 8).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace xbus::crypto {

// Two lower-case digits a byte.
std::string hex_encode(std::string_view bytes);
// Either case; nullopt for an odd length or another character.
std::optional<std::string> hex_decode(std::string_view text);

}  // namespace xbus::crypto
