#include "bus/xml/scanner.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "bus/xml/chars.hpp"
#include "bus/xml/declaration.hpp"

namespace xbus::xml {

using chars::is_space;

Scanner::Scanner(const ScanLimits& limits) : limits_(limits) {
  assert(limits_.stanza_bytes_max <= UINT32_MAX && limits_.header_bytes_max <= UINT32_MAX);
  assert(limits_.name_bytes_max <= UINT16_MAX);
}

void Scanner::reset() { *this = Scanner(limits_); }

void Scanner::assume(HeaderView header) {
  reset();
  header_ = std::move(header);
  state_ = State::between;
}

Scanner::Outcome Scanner::bad(ScanError error) {
  error_ = error;
  state_ = State::failed;
  return Outcome::bad;
}

Scanner::Step Scanner::next(std::string_view window) {
  const char* const begin = window.data();
  const char* const end = begin + window.size();
  const char* base = begin;
  if (state_ == State::failed) return {Event::error, 0};
  if (state_ < State::failed) {
    const Reached r = outside(begin, end);
    const auto consumed = static_cast<size_t>(r.at - begin);
    if (r.outcome == Outcome::more) return {Event::more, consumed};
    if (r.outcome == Outcome::bad) return {Event::error, consumed};
    if (r.outcome == Outcome::done) return {Event::close, consumed};
    base = r.at;
    begin_element();
  }
  assert(look_ <= static_cast<size_t>(end - base));
  // Bytes beyond the limit are not looked at, so that the verdict does not depend on how the input
  // is cut.
  const char* const last = base + std::min(element_limit_, static_cast<size_t>(end - base));
  const Reached r = element(base, base + look_, last);
  const auto consumed = static_cast<size_t>(base - begin);
  if (r.outcome == Outcome::bad) return {Event::error, consumed};
  if (r.outcome == Outcome::done) return {deliver(base, r.at), static_cast<size_t>(r.at - begin)};
  if (static_cast<size_t>(last - base) == element_limit_) {
    bad(ScanError::too_big);
    return {Event::error, consumed};
  }
  return {Event::more, consumed};
}

void Scanner::begin_element() {
  look_ = 0;
  in_header_ = state_ < State::between;
  element_limit_ = in_header_ ? limits_.header_bytes_max - prolog_bytes_ : limits_.stanza_bytes_max;
  state_ = State::content;
  open_.clear();
  bindings_.clear();
  decoded_.clear();
  has_ = 0;
  stanza_.children = 0;
  stanza_.header_prefixes = 0;
  child_declares_content_ = names_content_ = false;
  foreign_ = 0;
}

// The element that began at `base` is complete at `end`.
Scanner::Event Scanner::deliver(const char* base, const char* end) {
  state_ = State::between;
  if (in_header_) return Event::header;
  view_stanza(base, static_cast<size_t>(end - base));
  return Event::stanza;
}

// Outside of elements. `good`: one begins at the place returned; `done`: the stream is closed.
Scanner::Reached Scanner::outside(const char* p, const char* end) {
  if (state_ == State::closing) return close_tag(p, end);
  if (state_ == State::start && p < end) {
    const Reached r = declaration(p, end);
    if (r.outcome != Outcome::good) return r;
    p = r.at;
    state_ = State::prolog;
  }
  while (p < end && is_space(*p)) ++p;
  if (p == end) return {p, Outcome::more};
  if (*p != '<' || state_ == State::closed) return {p, bad(ScanError::not_well_formed)};
  if (end - p < 2) return {p, Outcome::more};
  switch (p[1]) {
    case '?':
      return {p, bad(ScanError::restricted_xml)};
    case '!':
      if (end - p < 3) return {p, Outcome::more};
      return {p, bad(p[2] == '-' || (p[2] >= 'A' && p[2] <= 'Z') ? ScanError::restricted_xml
                                                                 : ScanError::not_well_formed)};
    case '/':
      if (state_ != State::between || root_.empty()) return {p, bad(ScanError::not_well_formed)};
      look_ = 0;
      return close_tag(p, end);
    default:
      return {p, Outcome::good};
  }
}

// The very first bytes. `good`: the declaration, if there is one, ends at the place returned.
Scanner::Reached Scanner::declaration(const char* p, const char* end) {
  constexpr std::string_view start = "<?xml";
  const auto size = static_cast<size_t>(end - p);
  if (look_ == 0) {
    if (std::memcmp(p, start.data(), std::min(size, start.size())) != 0) return {p, Outcome::good};
    if (size <= start.size()) return {p, Outcome::more};
    if (!is_space(p[start.size()])) return {p, bad(ScanError::restricted_xml)};
  }
  const size_t last = std::min(size, limits_.header_bytes_max);
  const auto* close = static_cast<const char*>(std::memchr(p + look_, '>', last - look_));
  if (close == nullptr) {
    if (last == limits_.header_bytes_max) return {p, bad(ScanError::too_big)};
    look_ = last;
    return {p, Outcome::more};
  }
  prolog_bytes_ = static_cast<size_t>(close + 1 - p);
  if (const ScanError e = check_declaration({p, prolog_bytes_}); e != ScanError::none)
    return {p, bad(e)};
  return {close + 1, Outcome::good};
}

// At "</" behind the last stanza.
Scanner::Reached Scanner::close_tag(const char* base, const char* end) {
  const size_t size = std::min(static_cast<size_t>(end - base), limits_.stanza_bytes_max);
  const char* p = base + look_;
  if (look_ == 0) {
    const size_t known = std::min(size - 2, root_.size());
    if (std::memcmp(base + 2, root_.data(), known) != 0)
      return {base, bad(ScanError::not_well_formed)};
    if (known == root_.size()) p = base + 2 + known;
  }
  while (p > base && p < base + size && is_space(*p)) ++p;
  if (p > base && p < base + size) {
    if (*p != '>') return {base, bad(ScanError::not_well_formed)};
    state_ = State::closed;
    return {p + 1, Outcome::done};
  }
  if (size == limits_.stanza_bytes_max) return {base, bad(ScanError::too_big)};
  state_ = State::closing;
  look_ = static_cast<size_t>(p - base);
  return {base, Outcome::more};
}

}  // namespace xbus::xml
