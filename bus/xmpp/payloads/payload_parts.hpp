// What the reader and the writer of payloads are told of a part, so that one list of parts serves
// both.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace xbus::xmpp {

// Where a part's text stands: in a child of that name, in an attribute, or directly in the element.
enum class Place { child, attribute, own_text };

// ISO 8601 with dashes and colons, as XEP-0082 has it, or without, as RFC 6350 section 4.3 has it.
// Both are read, one is written.
enum class DateStyle { extended, basic };

// Both ends belong to it.
struct Decimals {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};
struct Whole {
  uint32_t least = 0;
  uint32_t most = std::numeric_limits<uint32_t>::max();
};

// The words of an enum, in its order.
using Words = std::span<const std::string_view>;

// The parts that are nothing but text: for lists and for parts that wrap one.
inline constexpr auto as_own_text = [](auto& in, auto& text) {
  in.look_in(Place::own_text);
  in.text("", text);
};

}  // namespace xbus::xmpp
