#include "rpc/printable.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace xbus {
namespace {

struct Span {
  char32_t first, last;
};

// Sorted. What acts on the text around it, or is there without being seen.
constexpr Span hidden[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD},   {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5}, {0x180E, 0x180E}, {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164}, {0xD800, 0xDFFF}, {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFC}, {0xFFFE, 0xFFFF}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
};

// Sorted. Marks that join the character before them.
constexpr Span combining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D}, {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20F0},
    {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF},
};

// Sorted. Characters two columns wide (Unicode's East Asian Width W and F, in blocks).
constexpr Span wide[] = {
    {0x1100, 0x115E},   {0x231A, 0x231B},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1B000, 0x1B2FF}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
};

template <size_t N>
bool within(const Span (&spans)[N], char32_t c) {
  const Span* after = std::upper_bound(std::begin(spans), std::end(spans), c,
                                       [](char32_t x, const Span& span) { return x < span.first; });
  return after != std::begin(spans) && c <= std::prev(after)->last;
}

void append_hex(std::string& out, char32_t value, int digits_min) {
  constexpr char digits[] = "0123456789abcdef";
  std::array<char, 8> reversed{};
  size_t count = 0;
  for (; value != 0 || count < static_cast<size_t>(digits_min); value >>= 4)
    reversed[count++] = digits[value & 15];
  while (count > 0) out += reversed[--count];
}

size_t width_of(char32_t c) {
  if (c < 0x300) return 1;
  if (within(combining, c)) return 0;
  return within(wide, c) ? 2 : 1;
}

}  // namespace

bool is_hidden(char32_t c) {
  if (c >= 0x20 && c < 0x7F) return false;
  return (c & 0xFFFE) == 0xFFFE || within(hidden, c);
}

char32_t next_character(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte((*at)++);
  if (lead < 0x80) return lead;
  size_t more = 0;
  char32_t c = 0, least = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    more = 1, c = lead & 0x1Fu, least = 0x80;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    more = 2, c = lead & 0x0Fu, least = 0x800;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    more = 3, c = lead & 0x07u, least = 0x10000;
  } else {
    return not_utf8;
  }
  if (text.size() - *at < more) return not_utf8;
  for (size_t i = 0; i < more; ++i) {
    const unsigned char next = byte(*at + i);
    if ((next & 0xC0) != 0x80) return not_utf8;
    c = (c << 6) | (next & 0x3Fu);
  }
  if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return not_utf8;
  *at += more;
  return c;
}

std::string printable(std::string_view text, Lines lines) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t c = next_character(text, &at);
    if (c == not_utf8) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[start]), 2);
    } else if (c == '\n' && lines == Lines::many) {
      out += '\n';
    } else if (is_hidden(c)) {
      out += "\\u{";
      append_hex(out, c, 1);
      out += '}';
    } else {
      out.append(text.substr(start, at - start));
    }
  }
  return out;
}

size_t columns(std::string_view text) {
  size_t total = 0;
  for (size_t at = 0; at < text.size();) total += width_of(next_character(text, &at));
  return total;
}

std::string fitted(std::string_view text, size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  size_t used = 0, end = 0;
  for (size_t at = 0; at < text.size(); end = at) {
    used += width_of(next_character(text, &at));
    if (used > width - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace xbus
