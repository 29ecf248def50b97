// Whether a name mixes alphabets whose letters look alike.
#pragma once
#include <string_view>

namespace xbus::xmpp::precis {

// True when the letters of prepared UTF-8 text come from two scripts, as in "p" + Cyrillic "a" + "ypal": the mark of a name
// made to be taken for another (UTS 39 section 5.2, moderately restrictive). Digits, punctuation and accents belong to every
// script; Chinese, Japanese and Korean writing may stand beside one other, since no letter of theirs looks like one of it.
// A name wholly in another script passes. False for text that is no UTF-8.
bool mixes_scripts(std::string_view text);

}  // namespace xbus::xmpp::precis
