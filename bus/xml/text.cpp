// Text between its two forms: characters in memory, and what XML writes for them.
#include <algorithm>
#include <cstdint>

#include "bus/xml/chars.hpp"
#include "bus/xml/element.hpp"
#include "bus/xml/runs.hpp"

namespace xbus::xml {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// Appends what the reference at the start of `raw` stands for and returns its length, 0 when it is
// none.
size_t append_reference(std::string& out, std::string_view raw) {
  const size_t semicolon = raw.find(';');
  if (semicolon == std::string_view::npos) return 0;
  const std::string_view name = raw.substr(1, semicolon - 1);
  if (name == "lt") {
    out += '<';
  } else if (name == "gt") {
    out += '>';
  } else if (name == "amp") {
    out += '&';
  } else if (name == "apos") {
    out += '\'';
  } else if (name == "quot") {
    out += '"';
  } else if (name.starts_with('#')) {
    const bool hex = name.size() > 1 && name[1] == 'x';
    uint32_t code = 0;
    for (char c : name.substr(hex ? 2 : 1)) {
      const char low = static_cast<char>(c | 0x20);
      const uint32_t digit = static_cast<uint32_t>(c <= '9' ? c - '0' : low - 'a' + 10);
      if (code <= 0x10FFFF) code = code * (hex ? 16 : 10) + digit;
    }
    append_utf8(out, chars::is_char(code) ? code : 0xFFFD);
  } else {
    return 0;
  }
  return semicolon + 1;
}

enum class Where { text, attribute };

std::string expand(std::string_view raw, Where where) {
  std::string out;
  out.reserve(raw.size());
  const auto stops = [where](char c) {
    return c == '&' || c == '\r' || (where == Where::attribute && (c == '\n' || c == '\t'));
  };
  while (!raw.empty()) {
    const auto plain = static_cast<size_t>(std::find_if(raw.begin(), raw.end(), stops) - raw.begin());
    out += raw.substr(0, plain);
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    size_t used = 1;
    if (raw.front() == '&') {
      used = append_reference(out, raw);
      if (used == 0) {
        out += '&';
        used = 1;
      }
    } else {
      if (raw.starts_with("\r\n")) used = 2;
      out += where == Where::text ? '\n' : ' ';
    }
    raw.remove_prefix(used);
  }
  return out;
}

void escape(std::string& out, std::string_view text, Where where) {
  const char* p = text.data();
  const char* const begin = p;
  const char* const end = p + text.size();
  while (p < end) {
    const char* stop = runs::find(runs::Escape{}, begin, p, end);
    out.append(p, stop);
    p = stop;
    if (p == end) break;
    const char c = *p;
    if (static_cast<unsigned char>(c) >= 0x80) {
      const chars::Decoded d = chars::decode(p, end);
      const bool good = d.size > 0 && chars::is_char(d.code);
      if (good) {
        out.append(p, static_cast<size_t>(d.size));
      } else {
        out += replacement;
      }
      p += d.size > 0 ? d.size : 1;
      continue;
    }
    ++p;
    const bool inside_text = where == Where::text;
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\'':
        inside_text ? out += c : out += "&apos;";
        break;
      case '"':
        inside_text ? out += c : out += "&quot;";
        break;
      case '\t':
        inside_text ? out += c : out += "&#9;";
        break;
      case '\n':
        inside_text ? out += c : out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += replacement;
    }
  }
}

}  // namespace

std::string unescape(std::string_view raw) { return expand(raw, Where::text); }
std::string unescape_attribute(std::string_view raw) { return expand(raw, Where::attribute); }
void escape_text(std::string& out, std::string_view text) { escape(out, text, Where::text); }
void escape_attribute(std::string& out, std::string_view text) {
  escape(out, text, Where::attribute);
}

bool is_xml_text(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    const chars::Decoded d = chars::decode(p, end);
    if (d.size <= 0 || !chars::is_char(d.code)) return false;
    p += d.size;
  }
  return true;
}

}  // namespace xbus::xml
