#include <arpa/inet.h>
#include <idn2.h>

#include <cstdlib>
#include <memory>

#include "bus/limits.hpp"
#include "bus/xmpp/precis.hpp"
#include "bus/xmpp/precis_class.hpp"

namespace xbus::xmpp::precis {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_ascii(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) > 0x7f) return false;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

// The zone of RFC 6874: "%25" and unreserved characters.
bool is_zone(std::string_view text) {
  if (!text.starts_with("%25") || text.size() == 3) return false;
  for (char c : text.substr(3)) {
    if (!is_letter_or_digit(c) && c != '-' && c != '.' && c != '_' && c != '~') return false;
  }
  return true;
}

// "[" IPv6address [ zone ] "]"; the address keeps its spelling but for case.
Result<std::string, PrecisError> ip_literal(std::string_view text) {
  if (text.size() < 4 || text.back() != ']') return Err{PrecisError::disallowed};
  std::string_view inside = text.substr(1, text.size() - 2);
  size_t zone = inside.find('%');
  if (zone != std::string_view::npos && !is_zone(inside.substr(zone)))
    return Err{PrecisError::disallowed};
  std::string address(inside.substr(0, zone));
  in6_addr parsed;
  if (address.size() >= INET6_ADDRSTRLEN || inet_pton(AF_INET6, address.c_str(), &parsed) != 1) {
    return Err{PrecisError::disallowed};
  }
  return "[" + lower(address) +
         (zone == std::string_view::npos ? "" : std::string(inside.substr(zone))) + "]";
}

enum class NameKind { bad, ascii, international };

// Looks at a lower-case name of ASCII labels: letters, digits, hyphens inside. A label "xn--..." is
// an A-label, whose U-label is what counts; any other hyphens in third and fourth place are
// reserved (RFC 5890 section 2.3.1).
NameKind kind_of_ascii(std::string_view name) {
  if (name.empty() || name.size() > limits::domain_bytes_max) return NameKind::bad;
  NameKind kind = NameKind::ascii;
  for (size_t begin = 0; begin <= name.size();) {
    size_t end = name.find('.', begin);
    if (end == std::string_view::npos) end = name.size();
    std::string_view label = name.substr(begin, end - begin);
    if (label.empty() || label.size() > limits::domain_label_bytes_max || label.front() == '-' ||
        label.back() == '-') {
      return NameKind::bad;
    }
    for (char c : label) {
      if (!is_letter_or_digit(c) && c != '-') return NameKind::bad;
    }
    if (label.substr(0, 4) == "xn--") {
      kind = NameKind::international;
    } else if (label.size() >= 4 && label.substr(2, 2) == "--") {
      return NameKind::bad;
    }
    begin = end + 1;
  }
  return kind;
}

struct Free {
  void operator()(char* text) const { idn2_free(text); }
};

// RFC 5895 section 2: lower case, width, NFC, and the ideographic full stop as a dot.
Result<std::string, PrecisError> map_name(std::string_view text) {
  auto wide = to_utf16(text);
  if (!wide) return Err{wide.error()};
  std::u16string mapped = fold_width_and_case(*wide);
  for (char16_t& c : mapped) {
    if (c == u'\u3002') c = u'.';
    // Cherokee alone keeps its capitals: case folding makes them of the small letters, which came
    // later, so IDNA2008 allows the capitals (RFC 5892 section 2.2).
    if (c >= 0xab70 && c <= 0xabbf) c = static_cast<char16_t>(c - 0xab70 + 0x13a0);
    if (c >= 0x13f8 && c <= 0x13fd) c = static_cast<char16_t>(c - 8);
  }
  return to_utf8(mapped);
}

// To the form looked up in the DNS and back, so that whatever comes out has passed every check of
// IDNA2008.
Result<std::string, PrecisError> international_name(const std::string& mapped) {
  // The mappings are done already: the wider ones of UTS 46 would take what RFC 5892 forbids.
  constexpr int flags = IDN2_NFC_INPUT | IDN2_NO_TR46;
  uint8_t* lookup = nullptr;
  if (idn2_lookup_u8(reinterpret_cast<const uint8_t*>(mapped.c_str()), &lookup, flags) != IDN2_OK) {
    return Err{PrecisError::disallowed};
  }
  std::unique_ptr<char, Free> ascii(reinterpret_cast<char*>(lookup));
  if (kind_of_ascii(ascii.get()) == NameKind::bad) return Err{PrecisError::disallowed};
  char* text = nullptr;
  if (idn2_to_unicode_8z8z(ascii.get(), &text, 0) != IDN2_OK) return Err{PrecisError::disallowed};
  std::unique_ptr<char, Free> unicode(text);
  // An A-label that stands for something else than its own U-label would be a second name of the
  // same host.
  lookup = nullptr;
  if (idn2_lookup_u8(reinterpret_cast<const uint8_t*>(unicode.get()), &lookup, flags) != IDN2_OK) {
    return Err{PrecisError::disallowed};
  }
  std::unique_ptr<char, Free> again(reinterpret_cast<char*>(lookup));
  if (std::string_view(again.get()) != ascii.get()) return Err{PrecisError::disallowed};
  // Nor may what it stands for be a spelling that the mappings would change: a U-label is in its
  // final form.
  auto mapped_again = map_name(unicode.get());
  if (!mapped_again || *mapped_again != unicode.get()) return Err{PrecisError::disallowed};
  return std::string(unicode.get());
}

}  // namespace

Result<std::string, PrecisError> domain(std::string_view text) {
  if (text.empty()) return Err{PrecisError::empty};
  if (text.front() == '[') return ip_literal(text);
  if (text.find('\0') != std::string_view::npos) return Err{PrecisError::disallowed};
  std::string name;
  if (is_ascii(text)) {
    name = lower(text);
  } else {
    auto mapped = map_name(text);
    if (!mapped) return mapped;
    name = std::move(*mapped);
  }
  if (name.ends_with('.')) name.pop_back();
  if (name.empty()) return Err{PrecisError::empty};
  if (!is_ascii(name)) return international_name(name);
  switch (kind_of_ascii(name)) {
    case NameKind::ascii:  // an IPv4 address among them
      return name;
    case NameKind::international:
      return international_name(name);
    case NameKind::bad:
      break;
  }
  return Err{PrecisError::disallowed};
}

}  // namespace xbus::xmpp::precis
