#include "bus/xmpp/precis_alabel.hpp"

#include <idn2.h>

#include <algorithm>
#include <cstdint>

#include "bus/limits.hpp"

namespace xbus::xmpp::precis {

std::optional<std::string> to_a_labels(std::string_view domain) {
  if (domain.empty() || domain.find('\0') != std::string_view::npos) return {};
  std::string text(domain);
  auto ascii = std::all_of(text.begin(), text.end(), [](char c) { return uint8_t(c) < 0x80; });
  if (ascii) {
    for (auto& c : text) {
      if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    }
  } else {
    uint8_t* lookup = nullptr;
    auto flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    if (idn2_lookup_u8(reinterpret_cast<const uint8_t*>(text.c_str()), &lookup, flags) != IDN2_OK) {
      return {};
    }
    text = reinterpret_cast<const char*>(lookup);
    idn2_free(lookup);
  }
  if (text.size() > limits::dns_name_bytes_max) return {};
  return text;
}

}  // namespace xbus::xmpp::precis
