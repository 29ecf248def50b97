#include "bus/xmpp/precis_script.hpp"

#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include <cstdint>
#include <optional>

#include "bus/xmpp/precis_class.hpp"

namespace xbus::xmpp::precis {

namespace {

bool stands_beside_any(UScriptCode script) {
  switch (script) {
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO: return true;
    default: return false;
  }
}

}  // namespace

bool mixes_scripts(std::string_view text) {
  std::optional<UScriptCode> first;
  const auto units = to_utf16(text);
  if (!units) return false;
  const auto length = static_cast<int32_t>(units->size());
  for (int32_t at = 0; at < length;) {
    UChar32 c = 0;
    U16_NEXT(units->data(), at, length, c);
    UErrorCode error = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(c, &error);
    if (U_FAILURE(error)) return false;
    if (stands_beside_any(script)) continue;
    if (first && *first != script) return true;
    first = script;
  }
  return false;
}

}  // namespace xbus::xmpp::precis
