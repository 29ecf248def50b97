#include <cstring>

#include "bus/xml/chars.hpp"
#include "bus/xml/runs.hpp"
#include "bus/xml/scanner.hpp"

namespace xbus::xml {

using chars::is_space;

// Leaves the element where it stands, to go on at `p` when there are more bytes. Tokens of bounded
// length (names, references, the ends of markup) are read again from their first byte; long ones go
// on in the middle.
Scanner::Reached Scanner::pause(State state, const char* base, const char* p) {
  state_ = state;
  look_ = static_cast<size_t>(p - base);
  return {p, Outcome::more};
}

// Goes on in the element that begins at `base`, at `p`, as state_ says. `done`: it ends at the
// place returned.
Scanner::Reached Scanner::element(const char* base, const char* p, const char* end) {
  Reached r{p, Outcome::good};
  switch (state_) {
    case State::tag:
    case State::equals:
    case State::quote:
    case State::value:
      r = tag(base, p, end, state_);
      break;
    case State::cdata:
      r = cdata(base, p, end);
      break;
    case State::end_tag:
      r = end_tag(base, p, end);
      break;
    default:
      break;
  }
  return r.outcome == Outcome::good ? content(base, r.at, end) : r;
}

// Closes the innermost element; true when it was the last one.
inline bool Scanner::pop() {
  const Open& open = open_.back();
  if (open_.size() == foreign_) foreign_ = 0;
  if (bindings_.size() != open.bindings) bindings_.resize(open.bindings);
  open_.pop_back();
  return open_.empty();
}

// A qualified name; `more` while it is not known where it ends. Most are shorter than sixteen bytes
// and ASCII, which one look decides; any other is read byte for byte.
[[gnu::always_inline]] inline Scanner::Name Scanner::name(const char* p, const char* end) {
#ifdef XBUS_SSE2
  if (end - p >= 16) {
    const __m128i v = runs::load(p);
    // Bits above the sixteenth are set, so that there is one to find.
    const auto size = static_cast<unsigned>(__builtin_ctz(~runs::name_mask(v)));
    const unsigned colons = runs::mask(_mm_cmpeq_epi8(v, _mm_set1_epi8(':'))) & ((1u << size) - 1);
    const bool starts = chars::ascii[static_cast<unsigned char>(*p)] & chars::name_start;
    if (size < 16 && size <= limits_.name_bytes_max && static_cast<signed char>(p[size]) >= 0 &&
        starts) {
      if (colons == 0) return {p + size, 0, Outcome::good};
      const auto prefix = static_cast<uint32_t>(__builtin_ctz(colons));
      const auto local = static_cast<unsigned char>(p[prefix + 1]);
      if ((colons & (colons - 1)) == 0 && (chars::ascii[local] & chars::name_start)) {
        return {p + size, prefix, Outcome::good};
      }
    }
  }
#endif
  return long_name(p, end);
}

// At "</" followed by the name of the open element and '>', all within sixteen bytes: the place
// behind. Otherwise null.
[[gnu::always_inline]] inline const char* Scanner::quick_end_tag(const char* base, const char* p,
                                                                 const char* end) {
#ifdef XBUS_SSE2
  const Open& open = open_.back();
  if (open.size < 16 && end - p >= 18) {
    const unsigned same = runs::mask(_mm_cmpeq_epi8(runs::load(p + 2), runs::load(base + open.at)));
    const unsigned wanted = (1u << open.size) - 1;
    if ((same & wanted) == wanted && p[2 + open.size] == '>') return p + 3 + open.size;
  }
#endif
  (void)base, (void)p, (void)end;
  return nullptr;
}

// Text, and the markup that stands in it.
Scanner::Reached Scanner::content(const char* base, const char* p, const char* end) {
  for (;;) {
    if (p == end || *p != '<') {
      p = runs::find(runs::Text{}, base, p, end);
      if (p == end) return pause(State::content, base, p);
    }
    Reached r;
    if (*p == '<') {
      if (end - p < 2) return pause(State::content, base, p);
      if (p[1] == '/') {
        if (const char* behind = quick_end_tag(base, p, end)) {
          r = {behind, pop() ? Outcome::done : Outcome::good};
        } else {
          r = end_tag_name(base, p, end);
        }
      } else if (p[1] == '!') {
        r = cdata_start(base, p, end);
      } else if (p[1] == '?') {
        return {p, bad(ScanError::restricted_xml)};
      } else {
        r = start_tag(base, p, end);
      }
    } else {
      r = in_text(base, p, end);
    }
    if (r.outcome != Outcome::good) return r;
    p = r.at;
  }
}

// At a byte of text that is not plain.
Scanner::Reached Scanner::in_text(const char* base, const char* p, const char* end) {
  if (*p == '>') {
    // Whatever stands before a run of text ends in '>' or ';', so two brackets here are part of
    // this text.
    if (p[-1] == ']' && p[-2] == ']') return {p, bad(ScanError::not_well_formed)};
    return {p + 1, Outcome::good};
  }
  const Reached r = *p == '&' ? reference(p, end) : wide(p, end);
  return r.outcome == Outcome::more ? pause(State::content, base, r.at) : r;
}

// At the '<' of a start tag.
[[gnu::always_inline]] inline Scanner::Reached Scanner::start_tag(const char* base, const char* p,
                                                                  const char* end) {
  if (open_.size() == limits_.depth_max) return {p, bad(ScanError::too_deep)};
  const Name n = name(p + 1, end);
  if (n.outcome == Outcome::more) return pause(State::content, base, p);
  if (n.outcome == Outcome::bad) return {p, Outcome::bad};
  open_.push_back({static_cast<uint32_t>(p + 1 - base), static_cast<uint16_t>(n.end - p - 1),
                   static_cast<uint16_t>(n.prefix), static_cast<uint32_t>(bindings_.size())});
  // Without attributes and prefix, below the first level's children, nothing is left to learn.
  if (n.prefix == 0 && open_.size() > 2 && n.end != end && *n.end == '>')
    return {n.end + 1, Outcome::good};
  attrs_.clear();
  space_ = static_cast<uint32_t>(n.end - base);
  return tag(base, n.end, end, State::tag);
}

// The attribute value at hand up to its closing quote.
[[gnu::always_inline]] inline Scanner::Reached Scanner::value(const char* base, const char* p,
                                                              const char* end) {
  Attr& attr = attrs_.back();
  const char quote = base[attr.value - 1];
  for (;;) {
    p = runs::find(runs::Value{quote}, base, p, end);
    if (p == end) return pause(State::value, base, p);
    if (*p == quote) return {p, Outcome::good};
    if (*p == '<') return {p, bad(ScanError::not_well_formed)};
    if (static_cast<unsigned char>(*p) < 0x80) attr.as_sent = false;
    const Reached r = *p == '&' ? reference(p, end) : wide(p, end);
    if (r.outcome == Outcome::more) return pause(State::value, base, r.at);
    if (r.outcome == Outcome::bad) return r;
    p = r.at;
  }
}

// The inside of a start tag behind its name. `good`: it is complete, content follows; `done`: it
// was empty and the whole element ends with it.
Scanner::Reached Scanner::tag(const char* base, const char* p, const char* end, State state) {
  for (;;) {
    switch (state) {
      default: {
        while (p < end && is_space(*p)) ++p;
        if (p == end) return pause(State::tag, base, p);
        if (*p == '>') {
          if (const ScanError e = start_tag_done(base); e != ScanError::none) return {p, bad(e)};
          return {p + 1, in_header_ ? Outcome::done : Outcome::good};
        }
        if (*p == '/') {
          if (end - p < 2) return pause(State::tag, base, p);
          if (p[1] != '>' || in_header_) return {p, bad(ScanError::not_well_formed)};
          if (const ScanError e = start_tag_done(base); e != ScanError::none) return {p, bad(e)};
          return {p + 2, pop() ? Outcome::done : Outcome::good};
        }
        if (p == base + space_) return {p, bad(ScanError::not_well_formed)};
        if (attrs_.size() == limits_.attributes_max) return {p, bad(ScanError::too_deep)};
        const Name n = name(p, end);
        if (n.outcome == Outcome::more) return pause(State::tag, base, p);
        if (n.outcome == Outcome::bad) return {p, Outcome::bad};
        attrs_.push_back({space_, static_cast<uint32_t>(p - base), static_cast<uint16_t>(n.end - p),
                          static_cast<uint16_t>(n.prefix), 0, 0, ns_none, true});
        p = n.end;
        [[fallthrough]];
      }
      case State::equals:
        while (p < end && is_space(*p)) ++p;
        if (p == end) return pause(State::equals, base, p);
        if (*p != '=') return {p, bad(ScanError::not_well_formed)};
        ++p;
        [[fallthrough]];
      case State::quote:
        while (p < end && is_space(*p)) ++p;
        if (p == end) return pause(State::quote, base, p);
        if (*p != '\'' && *p != '"') return {p, bad(ScanError::not_well_formed)};
        ++p;
        attrs_.back().value = static_cast<uint32_t>(p - base);
        [[fallthrough]];
      case State::value: {
        const Reached r = value(base, p, end);
        if (r.outcome != Outcome::good) return r;
        attrs_.back().value_end = static_cast<uint32_t>(r.at - base);
        p = r.at + 1;
        space_ = static_cast<uint32_t>(p - base);
        state = State::tag;
      }
    }
  }
}

// At "<!": a CDATA section is the only such markup that XMPP leaves (RFC 6120 section 11.1).
Scanner::Reached Scanner::cdata_start(const char* base, const char* p, const char* end) {
  constexpr std::string_view start = "<![CDATA[";
  const auto left = static_cast<size_t>(end - p);
  if (left < 3) return pause(State::content, base, p);
  if (p[2] == '-' || (p[2] >= 'A' && p[2] <= 'Z')) return {p, bad(ScanError::restricted_xml)};
  if (std::memcmp(p, start.data(), left < start.size() ? left : start.size()) != 0) {
    return {p, bad(ScanError::not_well_formed)};
  }
  if (left < start.size()) return pause(State::content, base, p);
  return cdata(base, p + start.size(), end);
}

// The inside of a CDATA section up to and over its end.
Scanner::Reached Scanner::cdata(const char* base, const char* p, const char* end) {
  for (;;) {
    p = runs::find(runs::CData{}, base, p, end);
    if (p == end) return pause(State::cdata, base, p);
    if (*p == '>') {
      ++p;  // the section's start ends in '[', so two brackets before the '>' are inside it
      if (p[-2] == ']' && p[-3] == ']') return {p, Outcome::good};
      continue;
    }
    const Reached r = wide(p, end);
    if (r.outcome == Outcome::more) return pause(State::cdata, base, r.at);
    if (r.outcome == Outcome::bad) return r;
    p = r.at;
  }
}

// At the "</" of any end tag.
Scanner::Reached Scanner::end_tag_name(const char* base, const char* p, const char* end) {
  const Open& open = open_.back();
  const auto left = static_cast<size_t>(end - p - 2);
  if (std::memcmp(p + 2, base + open.at, left < open.size ? left : open.size) != 0) {
    return {p, bad(ScanError::not_well_formed)};
  }
  if (left <= open.size) return pause(State::content, base, p);
  return end_tag(base, p + 2 + open.size, end);
}

// Behind the name of an end tag.
Scanner::Reached Scanner::end_tag(const char* base, const char* p, const char* end) {
  while (p < end && is_space(*p)) ++p;
  if (p == end) return pause(State::end_tag, base, p);
  if (*p != '>') return {p, bad(ScanError::not_well_formed)};
  return {p + 1, pop() ? Outcome::done : Outcome::good};
}

// At a control character, which must be white space, or at a run of characters from U+0080 up.
Scanner::Reached Scanner::wide(const char* p, const char* end) {
  if (static_cast<unsigned char>(*p) < 0x20) {
    if (!is_space(*p)) return {p, bad(ScanError::not_well_formed)};
    return {p + 1, Outcome::good};
  }
  while (p < end && static_cast<unsigned char>(*p) >= 0x80) {
    const chars::Decoded d = chars::decode(p, end);
    if (d.size == 0) return {p, Outcome::more};
    if (d.size < 0) return {p, bad(ScanError::bad_utf8)};
    if (!chars::is_char(d.code)) return {p, bad(ScanError::not_well_formed)};
    p += d.size;
  }
  return {p, Outcome::good};
}

// At '&': one of the five, or a character reference.
Scanner::Reached Scanner::reference(const char* p, const char* end) {
  if (end - p < 2) return {p, Outcome::more};
  if (p[1] != '#') {
    const Name n = name(p + 1, end);
    if (n.outcome != Outcome::good) return {p, n.outcome};
    if (*n.end != ';') return {p, bad(ScanError::not_well_formed)};
    const std::string_view entity(p + 1, static_cast<size_t>(n.end - p - 1));
    if (entity != "lt" && entity != "gt" && entity != "amp" && entity != "apos" &&
        entity != "quot") {
      return {p, bad(ScanError::restricted_xml)};
    }
    return {n.end + 1, Outcome::good};
  }
  const char* q = p + 2;
  if (q == end) return {p, Outcome::more};
  const uint32_t radix = *q == 'x' ? 16 : 10;
  if (radix == 16) ++q;
  const char* const digits = q;
  uint32_t code = 0;
  for (;; ++q) {
    if (static_cast<size_t>(q - p) == limits::xml_reference_bytes_max)
      return {p, bad(ScanError::not_well_formed)};
    if (q == end) return {p, Outcome::more};
    uint32_t digit = 16;
    if (*q >= '0' && *q <= '9') digit = static_cast<uint32_t>(*q - '0');
    if (*q >= 'a' && *q <= 'f') digit = static_cast<uint32_t>(*q - 'a') + 10;
    if (*q >= 'A' && *q <= 'F') digit = static_cast<uint32_t>(*q - 'A') + 10;
    if (digit >= radix) break;
    code = code > 0x10FFFF ? code : code * radix + digit;
  }
  if (*q != ';' || q == digits || !chars::is_char(code))
    return {p, bad(ScanError::not_well_formed)};
  return {q + 1, Outcome::good};
}

// Any name, byte for byte, and the reason why it is none.
Scanner::Name Scanner::long_name(const char* p, const char* end) {
  const char* q = p;
  const char* colon = nullptr;
  bool good = true, at_start = true;  // at_start: the next character begins a part
  for (;;) {
    if (static_cast<size_t>(q - p) > limits_.name_bytes_max)
      return {p, 0, bad(ScanError::too_deep)};
    if (q == end) return {p, 0, Outcome::more};
    const chars::Decoded d = chars::decode(q, end);
    if (d.size == 0) return {p, 0, Outcome::more};
    if (d.size < 0) return {p, 0, bad(ScanError::bad_utf8)};
    if (d.code < 0x80 && !(chars::ascii[d.code] & chars::name_char)) break;
    if (d.code >= 0x80 && !chars::is_wide_name_char(d.code))
      return {p, 0, bad(ScanError::not_well_formed)};
    if (d.code == ':') {
      good = good && !at_start && colon == nullptr;
      colon = q;
      at_start = true;
    } else {
      good = good && (!at_start || chars::is_name_start(d.code));
      at_start = false;
    }
    q += d.size;
  }
  if (!good || at_start) return {p, 0, bad(ScanError::not_well_formed)};
  return {q, colon ? static_cast<uint32_t>(colon - p) : 0, Outcome::good};
}

}  // namespace xbus::xml
