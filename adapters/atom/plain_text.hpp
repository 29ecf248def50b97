// HTML as plain text: what stands in it without its markup, for titles and for people at a terminal.
#pragma once
#include <string>
#include <string_view>

namespace xbus::atom {

// One line: tags, comments, scripts and styles are left out, references are expanded, white space becomes single
// blanks.
std::string plain_text(std::string_view html);

// Text that is no HTML, as one line.
std::string one_line(std::string_view text);

// What a named character of HTML stands for ("nbsp", "hellip"), in UTF-8; empty for one that is not known here.
std::string_view html_entity(std::string_view name);

// The code point of a byte in windows-1252, as the Encoding Standard has it: every byte stands for one.
char32_t windows_1252(unsigned char byte);

}  // namespace xbus::atom
