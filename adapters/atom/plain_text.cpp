#include "adapters/atom/plain_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "bus/xml/chars.hpp"

namespace xbus::atom {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 51> entities = {{
    {"AMP", "&"},         {"GT", ">"},          {"LT", "<"},          {"QUOT", "\""},       {"agrave", "\u00E0"},
    {"amp", "&"},         {"apos", "'"},        {"auml", "\u00E4"},   {"Auml", "\u00C4"},   {"bdquo", "\u201E"},
    {"bull", "\u2022"},   {"ccedil", "\u00E7"}, {"cent", "\u00A2"},   {"copy", "\u00A9"},   {"deg", "\u00B0"},
    {"eacute", "\u00E9"}, {"egrave", "\u00E8"}, {"euro", "\u20AC"},   {"frac12", "\u00BD"}, {"gt", ">"},
    {"hellip", "\u2026"}, {"iexcl", "\u00A1"},  {"iquest", "\u00BF"}, {"laquo", "\u00AB"},  {"larr", "\u2190"},
    {"ldquo", "\u201C"},  {"lsaquo", "\u2039"}, {"lsquo", "\u2018"},  {"lt", "<"},          {"mdash", "\u2014"},
    {"middot", "\u00B7"}, {"nbsp", "\u00A0"},   {"ndash", "\u2013"},  {"ntilde", "\u00F1"}, {"ouml", "\u00F6"},
    {"Ouml", "\u00D6"},   {"pound", "\u00A3"},  {"quot", "\""},       {"raquo", "\u00BB"},  {"rarr", "\u2192"},
    {"rdquo", "\u201D"},  {"reg", "\u00AE"},    {"rsaquo", "\u203A"}, {"rsquo", "\u2019"},  {"sect", "\u00A7"},
    {"szlig", "\u00DF"},  {"times", "\u00D7"},  {"trade", "\u2122"},  {"uuml", "\u00FC"},   {"Uuml", "\u00DC"},
    {"yen", "\u00A5"},
}};

void append(std::string& out, uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// The character behind "#160" or "#xA0". What HTML has between 128 and 159 is meant as windows-1252.
std::optional<uint32_t> numbered(std::string_view digits) {
  if (!digits.starts_with('#')) return std::nullopt;
  digits.remove_prefix(1);
  const bool hex = digits.starts_with('x') || digits.starts_with('X');
  if (hex) digits.remove_prefix(1);
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (code >= 0x80 && code < 0xA0) return windows_1252(static_cast<unsigned char>(code));
  if (!xml::chars::is_char(code)) return std::nullopt;
  return code;
}

// Appends what the reference at text[at], a '&', stands for, and returns where it ends; one that is none stays as it
// is.
size_t expand(std::string& out, std::string_view text, size_t at) {
  constexpr size_t longest = 12;
  const size_t semicolon = text.substr(at, longest).find(';');
  if (semicolon != text.npos) {
    const std::string_view name = text.substr(at + 1, semicolon - 1);
    if (const auto code = numbered(name)) {
      append(out, *code);
      return at + semicolon + 1;
    }
    if (const std::string_view found = html_entity(name); !found.empty()) {
      out += found;
      return at + semicolon + 1;
    }
  }
  out += '&';
  return at + 1;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (!std::equal(word.begin(), word.end(), text.begin(), [&](char a, char b) { return a == lower(b); })) return false;
  return text.size() == word.size() ||
         !(xml::chars::ascii[static_cast<unsigned char>(text[word.size()])] & xml::chars::name_char);
}

// Where the end tag of that name begins; the end of the text where there is none.
size_t end_of_raw(std::string_view html, size_t from, std::string_view end_tag) {
  for (size_t at = html.find('<', from); at != html.npos; at = html.find('<', at + 1))
    if (starts_with_word(html.substr(at), end_tag)) return at;
  return html.size();
}

// Where what begins with the '<' at `at` ends. A '<' that begins no markup is text: then `at` itself.
size_t end_of_markup(std::string_view html, size_t at) {
  const std::string_view rest = html.substr(at);
  if (rest.starts_with("<!--")) {
    const size_t end = html.find("-->", at + 4);
    return end == html.npos ? html.size() : end + 3;
  }
  const char next = rest.size() > 1 ? rest[1] : ' ';
  const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
  if (!letter && next != '/' && next != '!' && next != '?') return at;
  char quote = 0;
  for (size_t i = at + 1; i < html.size(); ++i) {
    if (quote) {
      if (html[i] == quote) quote = 0;
    } else if (html[i] == '"' || html[i] == '\'') {
      quote = html[i - 1] == '=' ? html[i] : 0;
    } else if (html[i] == '>') {
      if (starts_with_word(rest, "<script")) return end_of_raw(html, i, "</script");
      if (starts_with_word(rest, "<style")) return end_of_raw(html, i, "</style");
      return i + 1;
    }
  }
  return html.size();
}

// A tag that only changes how text looks divides no words.
bool divides(std::string_view tag) {
  tag.remove_prefix(std::min(tag.size(), size_t{tag.starts_with("</") ? 2u : 1u}));
  for (const std::string_view word :
       {"a", "abbr", "b", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"})
    if (starts_with_word(tag, word)) return false;
  return true;
}

}  // namespace

std::string_view html_entity(std::string_view name) {
  for (const auto& [known, text] : entities)
    if (known == name) return text;
  return {};
}

char32_t windows_1252(unsigned char byte) {
  constexpr std::array<char16_t, 32> high = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                             0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                             0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                             0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  return byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80u] : byte;
}

std::string one_line(std::string_view text) {
  std::string out;
  bool gap = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool no_break = text.substr(i).starts_with("\u00A0");
    if (no_break || xml::chars::is_space(text[i])) {
      gap = true;
      i += no_break ? 1 : 0;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += text[i];
  }
  return out;
}

std::string plain_text(std::string_view html) {
  std::string out;
  for (size_t at = 0; at < html.size();) {
    if (html[at] == '&') {
      at = expand(out, html, at);
    } else if (const size_t end = html[at] == '<' ? end_of_markup(html, at) : at; end > at) {
      if (divides(html.substr(at, end - at))) out += ' ';
      at = end;
    } else {
      out += html[at++];
    }
  }
  return one_line(out);
}

}  // namespace xbus::atom
