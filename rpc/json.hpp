// Values as JSON text and back, without a type at hand.
#pragma once
#include <string>
#include <string_view>

#include "bus/result.hpp"
#include "rpc/value.hpp"

namespace xbus {

enum class JsonLayout { compact, indented };

// Writes a Value as JSON (RFC 8259) on one line or indented by two spaces, without a line feed at
// its end. Bytes become base64, timestamps RFC 3339 in UTC, a double without a fraction keeps ".0".
// What is_hidden() says and bytes that are not UTF-8 are written as \uXXXX and \ufffd, so that the
// text is safe on a terminal too.
std::string json_text(const Value& value, JsonLayout layout = JsonLayout::compact);

// A string between quotes, escaped as above.
std::string json_quoted(std::string_view text);

// A point in time as RFC 3339 in UTC, with six digits of a second where it has a fraction.
std::string time_text(Timestamp time);

// Why text is no JSON that we take: what, and after how many bytes, where that is known.
struct JsonError {
  std::string what;
  size_t at = 0;  // 0: not known
  bool range = false;  // it is JSON, with a whole number that no Value holds; `at` is not known
};

// Reads one JSON text, with nothing but white space around it. Whole numbers become int32 where
// they fit, else int64; numbers with a fraction or an exponent double. Refused: a number beyond its
// range, which for a whole one is that of int64 (it never becomes a double, which would lose digits), a name that
// stands twice in an object, nesting above limits::value_depth_max, bytes that are not UTF-8.
Result<Value, JsonError> json_value(std::string_view text);

}  // namespace xbus
