// Finds where a run of plain bytes ends: sixteen at a time with SSE2, which every x86-64 has, one
// at a time elsewhere.
#pragma once
#include <cstdint>
#include <string_view>

#include "bus/xml/chars.hpp"
// The tests define XBUS_NO_SIMD to run what other machines do.
#if defined(__SSE2__) && !defined(XBUS_NO_SIMD)
#define XBUS_SSE2
#include <emmintrin.h>
#endif

namespace xbus::xml::runs {

// Each kind of run says which bytes stop it. Control characters and everything from 0x80 up stop
// all of them.
struct Text {  // stops at '<', '>' (for "]]>") and '&'
  bool stops(char c) const {
    return static_cast<signed char>(c) < 0x20 || c == '<' || c == '>' || c == '&';
  }
#ifdef XBUS_SSE2
  __m128i stops(__m128i v) const {
    const __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    const __m128i amp = _mm_cmpeq_epi8(v, _mm_set1_epi8('&'));
    return _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), _mm_or_si128(angle, amp));
  }
#endif
};

struct Value {  // stops at the quote, '<' and '&'
  char quote;
  bool stops(char c) const {
    return static_cast<signed char>(c) < 0x20 || c == quote || c == '<' || c == '&';
  }
#ifdef XBUS_SSE2
  __m128i stops(__m128i v) const {
    const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(quote)),
                                      _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
    const __m128i amp = _mm_cmpeq_epi8(v, _mm_set1_epi8('&'));
    return _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), _mm_or_si128(ends, amp));
  }
#endif
};

struct CData {  // stops at '>'
  bool stops(char c) const { return static_cast<signed char>(c) < 0x20 || c == '>'; }
#ifdef XBUS_SSE2
  __m128i stops(__m128i v) const {
    return _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
                        _mm_cmpeq_epi8(v, _mm_set1_epi8('>')));
  }
#endif
};

struct Escape {  // stops at whatever text or an attribute value cannot hold as it is
  bool stops(char c) const {
    return static_cast<signed char>(c) < 0x20 || c == '<' || c == '>' || c == '&' || c == '\'' ||
           c == '"';
  }
#ifdef XBUS_SSE2
  __m128i stops(__m128i v) const {
    const __m128i apostrophe =
        _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)), _mm_set1_epi8('\''));  // and '&'
    const __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    const __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    return _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), angle),
                        _mm_or_si128(apostrophe, quote));
  }
#endif
};

#ifdef XBUS_SSE2
inline __m128i load(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline unsigned mask(__m128i v) { return static_cast<unsigned>(_mm_movemask_epi8(v)); }

// A bit for each of the sixteen bytes that can stand in an ASCII name, the colon among them.
inline unsigned name_mask(__m128i v) {
  const auto up_to = [](__m128i x, char last) {
    return _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(last)), x);
  };
  const __m128i letter =
      up_to(_mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a')), 'z' - 'a');
  const __m128i other = up_to(_mm_sub_epi8(v, _mm_set1_epi8('-')), ':' - '-');  // - . / 0-9 :
  const __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('/'));
  const __m128i line = _mm_cmpeq_epi8(v, _mm_set1_epi8('_'));
  return mask(_mm_or_si128(_mm_or_si128(letter, line), _mm_andnot_si128(slash, other)));
}
#endif

// The first byte of [p, end) that stops `run`, or `end`. Bytes from `base` on may be read, `base <=
// p`.
template <class Run>
inline const char* find(Run run, const char* base, const char* p, const char* end) {
#ifdef XBUS_SSE2
  while (end - p >= 16) {
    if (const unsigned found = mask(run.stops(load(p)))) return p + __builtin_ctz(found);
    p += 16;
  }
  if (end - base >= 16 && p < end) {
    const unsigned found = mask(run.stops(load(end - 16))) >> (16 - (end - p));
    return found ? p + __builtin_ctz(found) : end;
  }
#endif
  (void)base;
  while (p < end && !run.stops(*p)) ++p;
  return p;
}

// Whether the text of an attribute value is its bytes: true of most that hold only ASCII, never where they hold a
// reference or white space that becomes blanks (XML 1.0 section 3.3.3).
inline bool plain_value(std::string_view value) {
  const char* const end = value.data() + value.size();
  return find(Value{'<'}, value.data(), value.data(), end) == end;
}

}  // namespace xbus::xml::runs
