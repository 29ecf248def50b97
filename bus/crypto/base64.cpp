#include "bus/crypto/base64.hpp"

#include <array>
#include <cstdint>

namespace xbus::crypto {

namespace {

constexpr std::string_view common =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

constexpr std::array<char, 64> alphabet_ending_in(char c62, char c63) {
  std::array<char, 64> out{};
  for (size_t i = 0; i < common.size(); ++i) out[i] = common[i];
  out[62] = c62;
  out[63] = c63;
  return out;
}
constexpr std::array<char, 64> standard = alphabet_ending_in('+', '/');
constexpr std::array<char, 64> url_safe = alphabet_ending_in('-', '_');

constexpr uint8_t no_digit = 0xff;
constexpr std::array<uint8_t, 256> values = [] {
  std::array<uint8_t, 256> out{};
  out.fill(no_digit);
  for (uint8_t i = 0; i < 64; ++i) out[static_cast<uint8_t>(standard[i])] = i;
  return out;
}();

std::string encode(std::string_view bytes, const std::array<char, 64>& alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  auto byte = [&](size_t i) {
    return i < bytes.size() ? uint32_t{static_cast<uint8_t>(bytes[i])} : 0u;
  };
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    size_t digits = bytes.size() - i >= 3 ? 4 : bytes.size() - i + 1;
    for (size_t d = 0; d < 4; ++d) {
      if (d < digits) {
        out += alphabet[group >> (18 - 6 * d) & 63];
      } else if (padded) {
        out += '=';
      }
    }
  }
  return out;
}

}  // namespace

std::string base64_encode(std::string_view bytes) { return encode(bytes, standard, true); }
std::string base64url_encode(std::string_view bytes) { return encode(bytes, url_safe, false); }

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    size_t digits = 4;
    if (i + 4 == text.size()) {
      if (text[i + 3] == '=') digits = text[i + 2] == '=' ? 2 : 3;
    }
    uint32_t group = 0;
    for (size_t d = 0; d < digits; ++d) {
      uint8_t value = values[static_cast<uint8_t>(text[i + d])];
      if (value == no_digit) return std::nullopt;
      group |= uint32_t{value} << (18 - 6 * d);
    }
    // The bits behind the last byte are zero, so that each text has one meaning and each meaning
    // one text.
    if ((digits == 2 && (group & 0xffff) != 0) || (digits == 3 && (group & 0xff) != 0))
      return std::nullopt;
    for (size_t b = 0; b + 1 < digits; ++b) out += static_cast<char>(group >> (16 - 8 * b) & 0xff);
  }
  return out;
}

}  // namespace xbus::crypto
