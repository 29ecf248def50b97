#include "bus/xmpp/precis_class.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include <vector>

namespace xbus::xmpp::precis {

namespace {

// The values of the derived property (RFC 8264 section 8); `freeform_only` is ID_DIS or FREE_PVAL.
enum class Property { valid, freeform_only, context, disallowed };

std::vector<UChar32> code_points(const std::u16string& text) {
  std::vector<UChar32> out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    UChar32 c;
    U16_NEXT(text.data(), i, text.size(), c);
    out.push_back(c);
  }
  return out;
}

bool is_arabic_digit(UChar32 c) { return c >= 0x660 && c <= 0x669; }
bool is_extended_arabic_digit(UChar32 c) { return c >= 0x6f0 && c <= 0x6f9; }

// RFC 5892 section 2.6; nullptr where the general rules decide.
const Property* exception_of(UChar32 c) {
  static constexpr Property valid = Property::valid, context = Property::context,
                            disallowed = Property::disallowed;
  switch (c) {
    case 0xdf:
    case 0x3c2:
    case 0x6fd:
    case 0x6fe:
    case 0xf0b:
    case 0x3007:
      return &valid;
    case 0xb7:
    case 0x375:
    case 0x5f3:
    case 0x5f4:
    case 0x30fb:
      return &context;
    case 0x640:
    case 0x7fa:
    case 0x302e:
    case 0x302f:
    case 0x3031:
    case 0x3032:
    case 0x3033:
    case 0x3034:
    case 0x3035:
    case 0x303b:
      return &disallowed;
    default:
      return is_arabic_digit(c) || is_extended_arabic_digit(c) ? &context : nullptr;
  }
}

// Compatibility equivalent: NFKC changes it (RFC 8264 section 9.17).
bool has_compatibility_equivalent(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* nfkc = unorm2_getNFKCInstance(&error);
  UChar text[2];
  int32_t length = 0;
  UBool failed = false;
  U16_APPEND(text, length, 2, c, failed);
  return failed || !unorm2_isNormalized(nfkc, text, length, &error) || U_FAILURE(error);
}

bool is_old_hangul_jamo(UChar32 c) {
  switch (u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE)) {
    case U_HST_LEADING_JAMO:
    case U_HST_VOWEL_JAMO:
    case U_HST_TRAILING_JAMO:
      return true;
    default:
      return false;
  }
}

// In the order of RFC 8264 section 8, which is part of its meaning.
Property property_of(UChar32 c) {
  if (const Property* exception = exception_of(c)) return *exception;
  const uint32_t category = U_MASK(u_charType(c));
  if (category & U_GC_CN_MASK) return Property::disallowed;  // unassigned, and the noncharacters
  if (c >= 0x21 && c <= 0x7e) return Property::valid;
  if (u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL)) return Property::context;
  if (is_old_hangul_jamo(c)) return Property::disallowed;
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return Property::disallowed;
  if (category & U_GC_CC_MASK) return Property::disallowed;
  if (has_compatibility_equivalent(c)) return Property::freeform_only;
  if (category & (U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK | U_GC_LM_MASK |
                  U_GC_MN_MASK | U_GC_MC_MASK)) {
    return Property::valid;
  }
  if (category & (U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK | U_GC_ZS_MASK |
                  U_GC_S_MASK | U_GC_P_MASK)) {
    return Property::freeform_only;
  }
  return Property::disallowed;
}

UScriptCode script_of(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error);
}

bool follows_virama(const std::vector<UChar32>& text, size_t at) {
  return at > 0 && u_getCombiningClass(text[at - 1]) == 9;
}

// RFC 5892 appendix A.1: (L or D) T* here T* (R or D).
bool breaks_cursive_connection(const std::vector<UChar32>& text, size_t at) {
  auto joining = [&](size_t i) { return u_getIntPropertyValue(text[i], UCHAR_JOINING_TYPE); };
  size_t before = at;
  while (before > 0 && joining(before - 1) == U_JT_TRANSPARENT) --before;
  size_t after = at + 1;
  while (after < text.size() && joining(after) == U_JT_TRANSPARENT) ++after;
  if (before == 0 || after == text.size()) return false;
  int32_t left = joining(before - 1), right = joining(after);
  return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
         (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

// RFC 5892 appendix A.
bool context_allows(const std::vector<UChar32>& text, size_t at) {
  auto any = [&](auto test) {
    for (UChar32 c : text) {
      if (test(c)) return true;
    }
    return false;
  };
  switch (text[at]) {
    case 0x200c:
      return follows_virama(text, at) || breaks_cursive_connection(text, at);
    case 0x200d:
      return follows_virama(text, at);
    case 0xb7:
      return at > 0 && at + 1 < text.size() && text[at - 1] == 'l' && text[at + 1] == 'l';
    case 0x375:
      return at + 1 < text.size() && script_of(text[at + 1]) == USCRIPT_GREEK;
    case 0x5f3:
    case 0x5f4:
      return at > 0 && script_of(text[at - 1]) == USCRIPT_HEBREW;
    case 0x30fb:
      return any([](UChar32 c) {
        UScriptCode script = script_of(c);
        return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HAN;
      });
    default:
      if (is_arabic_digit(text[at])) return !any(is_extended_arabic_digit);
      if (is_extended_arabic_digit(text[at])) return !any(is_arabic_digit);
      return false;
  }
}

constexpr uint32_t bit(UCharDirection direction) { return 1u << direction; }

}  // namespace

bool in_class(const std::u16string& text, StringClass string_class) {
  const std::vector<UChar32> points = code_points(text);
  // The rule for U+30FB looks at the whole string, so its answer is kept: the work stays linear.
  bool katakana_dot_allowed = false;
  for (size_t i = 0; i < points.size(); ++i) {
    switch (property_of(points[i])) {
      case Property::valid:
        break;
      case Property::freeform_only:
        if (string_class != StringClass::freeform) return false;
        break;
      case Property::context:
        if (points[i] == 0x30fb && katakana_dot_allowed) break;
        if (!context_allows(points, i)) return false;
        if (points[i] == 0x30fb) katakana_dot_allowed = true;
        break;
      case Property::disallowed:
        return false;
    }
  }
  return true;
}

bool has_right_to_left(const std::u16string& text) {
  constexpr uint32_t right_to_left =
      bit(U_RIGHT_TO_LEFT) | bit(U_RIGHT_TO_LEFT_ARABIC) | bit(U_ARABIC_NUMBER);
  for (UChar32 c : code_points(text)) {
    if (bit(u_charDirection(c)) & right_to_left) return true;
  }
  return false;
}

bool keeps_bidi_rule(const std::u16string& text) {
  constexpr uint32_t neutral = bit(U_EUROPEAN_NUMBER) | bit(U_EUROPEAN_NUMBER_SEPARATOR) |
                               bit(U_COMMON_NUMBER_SEPARATOR) | bit(U_EUROPEAN_NUMBER_TERMINATOR) |
                               bit(U_OTHER_NEUTRAL) | bit(U_BOUNDARY_NEUTRAL) |
                               bit(U_DIR_NON_SPACING_MARK);
  constexpr uint32_t right = bit(U_RIGHT_TO_LEFT) | bit(U_RIGHT_TO_LEFT_ARABIC);
  const std::vector<UChar32> points = code_points(text);
  if (points.empty()) return false;
  const uint32_t first = bit(u_charDirection(points.front()));
  const bool is_right = first & right;
  if (!is_right && !(first & bit(U_LEFT_TO_RIGHT))) return false;
  const uint32_t allowed =
      is_right ? right | bit(U_ARABIC_NUMBER) | neutral : bit(U_LEFT_TO_RIGHT) | neutral;
  const uint32_t last_allowed = is_right ? right | bit(U_EUROPEAN_NUMBER) | bit(U_ARABIC_NUMBER)
                                         : bit(U_LEFT_TO_RIGHT) | bit(U_EUROPEAN_NUMBER);
  uint32_t seen = 0, last = 0;
  for (UChar32 c : points) {
    const uint32_t direction = bit(u_charDirection(c));
    if (!(direction & allowed)) return false;
    seen |= direction;
    if (direction != bit(U_DIR_NON_SPACING_MARK)) last = direction;
  }
  const uint32_t both_numbers = bit(U_EUROPEAN_NUMBER) | bit(U_ARABIC_NUMBER);
  if (is_right && (seen & both_numbers) == both_numbers) return false;
  return (last & last_allowed) != 0;
}

}  // namespace xbus::xmpp::precis
