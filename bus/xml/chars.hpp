// The characters of XML 1.0: strict UTF-8 decoding, and which characters may stand in text and in
// names.
#pragma once
#include <array>
#include <cstdint>

namespace xbus::xml::chars {

// One character: its code point and how many bytes it takes. A size of 0 means that `end` cuts it,
// -1 that the bytes are not UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above
// U+10FFFF).
struct Decoded {
  uint32_t code;
  int size;
};

inline Decoded decode(const char* p, const char* end) {
  const auto byte = [p](int i) { return static_cast<uint32_t>(static_cast<unsigned char>(p[i])); };
  const auto tail = [&byte](int i) { return (byte(i) & 0xC0) == 0x80; };
  const uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xC2 || first > 0xF4) return {0, -1};
  const int size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (end - p < size) return {0, 0};
  if (size == 2) {
    if (!tail(1)) return {0, -1};
    return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  }
  if (size == 3) {
    if (!tail(1) || !tail(2)) return {0, -1};
    const uint32_t code = (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    if (code < 0x800 || (code >= 0xD800 && code < 0xE000)) return {0, -1};
    return {code, 3};
  }
  if (!tail(1) || !tail(2) || !tail(3)) return {0, -1};
  const uint32_t code =
      (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  if (code < 0x10000 || code > 0x10FFFF) return {0, -1};
  return {code, 4};
}

// XML 1.0 section 2.2, production Char.
constexpr bool is_char(uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code < 0xD800 || (code >= 0xE000 && code != 0xFFFE && code != 0xFFFF && code <= 0x10FFFF);
}

enum : uint8_t { name_start = 1, name_char = 2, space = 4 };

// What each ASCII byte may be; the colon counts as a name character but not as a start. Bytes from
// 0x80 up are 0.
inline constexpr std::array<uint8_t, 256> ascii = [] {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = name_start | name_char;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = name_char;
  table['_'] = name_start | name_char;
  table['-'] = table['.'] = table[':'] = name_char;
  table[' '] = table['\t'] = table['\n'] = table['\r'] = space;
  return table;
}();

constexpr bool is_space(char c) { return (ascii[static_cast<unsigned char>(c)] & space) != 0; }

// Characters from U+0080 up in a name: those that both the fourth and the fifth edition of XML 1.0
// allow.
bool is_wide_name_start(uint32_t code);
bool is_wide_name_char(uint32_t code);

inline bool is_name_start(uint32_t code) {
  return code < 0x80 ? (ascii[code] & name_start) != 0 : is_wide_name_start(code);
}

}  // namespace xbus::xml::chars
