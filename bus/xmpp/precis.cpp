#include "bus/xmpp/precis.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "bus/limits.hpp"
#include "bus/xmpp/precis_class.hpp"

namespace xbus::xmpp::precis {

namespace {

const UNormalizer2* nfc() {
  UErrorCode error = U_ZERO_ERROR;
  return unorm2_getNFCInstance(&error);
}

const UNormalizer2* nfkc() {
  UErrorCode error = U_ZERO_ERROR;
  return unorm2_getNFKCInstance(&error);
}

void append(std::u16string& out, UChar32 c) {
  if (U_IS_BMP(c)) {
    out += static_cast<char16_t>(c);
  } else {
    out += U16_LEAD(c);
    out += U16_TRAIL(c);
  }
}

// Fullwidth and halfwidth code points become their decomposition mappings.
std::u16string map_width(const std::u16string& text) {
  std::u16string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    UChar32 c;
    U16_NEXT(text.data(), i, text.size(), c);
    int32_t kind = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
    UChar mapping[8];
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = -1;
    if (kind == U_DT_WIDE || kind == U_DT_NARROW) {
      length = unorm2_getRawDecomposition(nfkc(), c, mapping, 8, &error);
    }
    if (length > 0 && U_SUCCESS(error)) {
      out.append(mapping, static_cast<size_t>(length));
    } else {
      append(out, c);
    }
  }
  return out;
}

// Every space of category Zs becomes U+0020 (RFC 8265 section 4.2.2).
std::u16string map_spaces(std::u16string text) {
  for (char16_t& c : text) {
    if (c > 0x7f && u_charType(c) == U_SPACE_SEPARATOR) c = u' ';
  }
  return text;
}

std::u16string compose(const std::u16string& text) {
  std::u16string out(text.size() + 16, u'\0');
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = unorm2_normalize(nfc(), text.data(), static_cast<int32_t>(text.size()),
                                      out.data(), static_cast<int32_t>(out.size()), &error);
    out.resize(static_cast<size_t>(length));
    if (error != U_BUFFER_OVERFLOW_ERROR) return out;
  }
}

// Unicode's toLowerCase() in the root locale: the operation that RFC 8265 section 3.3.1 prefers,
// final sigma included.
std::u16string to_lower(const std::u16string& text) {
  std::u16string out(text.size() + 16, u'\0');
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    int32_t length = u_strToLower(out.data(), static_cast<int32_t>(out.size()), text.data(),
                                  static_cast<int32_t>(text.size()), "", &error);
    out.resize(static_cast<size_t>(length));
    if (error != U_BUFFER_OVERFLOW_ERROR) return out;
  }
}

// Applies `rules` until they change nothing more.
template <class Rules>
Result<std::u16string, PrecisError> settle(std::u16string text, Rules rules) {
  for (size_t round = 0; round < limits::precis_rounds_max; ++round) {
    std::u16string next = rules(text);
    if (next == text) return next;
    text = std::move(next);
  }
  return Err{PrecisError::unstable};
}

}  // namespace

Result<std::u16string, PrecisError> to_utf16(std::string_view text) {
  std::u16string out(text.size(), u'\0');
  int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(out.data(), static_cast<int32_t>(out.size()), &length, text.data(),
                static_cast<int32_t>(text.size()), &error);
  if (U_FAILURE(error)) return Err{PrecisError::bad_utf8};
  out.resize(static_cast<size_t>(length));
  return out;
}

std::string to_utf8(const std::u16string& text) {
  std::string out(text.size() * 3, '\0');
  int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strToUTF8(out.data(), static_cast<int32_t>(out.size()), &length, text.data(),
              static_cast<int32_t>(text.size()), &error);
  out.resize(U_SUCCESS(error) ? static_cast<size_t>(length) : 0);
  return out;
}

std::u16string fold_width_and_case(const std::u16string& text) {
  return compose(to_lower(map_width(text)));
}

// RFC 8264 section 7 fixes the order: mappings first, the class last. So what only the mappings
// bring into the class (a titlecase letter, the Kelvin sign, decomposed Hangul) is taken, and what
// comes out is always in it.
Result<std::string, PrecisError> username_case_mapped(std::string_view text) {
  auto wide = to_utf16(text);
  if (!wide) return Err{wide.error()};
  auto mapped = settle(std::move(*wide), fold_width_and_case);
  if (!mapped) return Err{mapped.error()};
  if (mapped->empty()) return Err{PrecisError::empty};
  if (has_right_to_left(*mapped) && !keeps_bidi_rule(*mapped)) return Err{PrecisError::bidi};
  if (!in_class(*mapped, StringClass::identifier)) return Err{PrecisError::disallowed};
  return to_utf8(*mapped);
}

Result<std::string, PrecisError> opaque_string(std::string_view text) {
  auto wide = to_utf16(text);
  if (!wide) return Err{wide.error()};
  auto mapped =
      settle(std::move(*wide), [](const std::u16string& t) { return compose(map_spaces(t)); });
  if (!mapped) return Err{mapped.error()};
  if (mapped->empty()) return Err{PrecisError::empty};
  if (!in_class(*mapped, StringClass::freeform)) return Err{PrecisError::disallowed};
  return to_utf8(*mapped);
}

}  // namespace xbus::xmpp::precis
