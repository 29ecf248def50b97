// Makes text from elsewhere safe to show: nothing in it can move the cursor, colour, hide, or turn
// round what a person reads, and nothing in it is refused by XML.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace xbus {

enum class Lines { one, many };

// Returns `text` with everything that acts instead of being seen written out: bytes that are not
// UTF-8 as \xHH; C0 and C1 controls, DEL, bidirectional and zero-width controls, line and paragraph
// separators, tags, surrogates and non-characters as \u{H}. With Lines::many a line feed stays. The
// result is valid UTF-8 without controls but that one.
std::string printable(std::string_view text, Lines lines = Lines::one);

// True where printable() would write this code point out.
bool is_hidden(char32_t c);

// Columns that `text` takes on a terminal: wide East Asian characters take two, combining marks
// none. Expects what printable() returns.
size_t columns(std::string_view text);

// Cuts printable text to at most `width` columns, between characters; a cut text ends in "…".
std::string fitted(std::string_view text, size_t width);

// Reads one character of UTF-8 at `*at` and moves past it; on a byte that begins none, moves past
// that byte alone and returns not_utf8. `*at` must be inside `text`.
inline constexpr char32_t not_utf8 = 0xFFFFFFFF;
char32_t next_character(std::string_view text, size_t* at);

}  // namespace xbus
