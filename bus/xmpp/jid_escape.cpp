#include "bus/xmpp/jid_escape.hpp"

#include "bus/crypto/hex.hpp"

namespace xbus::xmpp {

namespace {

constexpr std::string_view escaped_characters = " \"&'/:<>@\\";

bool is_escaped_character(char c) { return escaped_characters.find(c) != std::string_view::npos; }

// The character that the escape at the front of `text` stands for, or NUL when there is none.
char escape_at(std::string_view text) {
  if (text.size() < 3 || text[0] != '\\') return '\0';
  auto decoded = crypto::hex_decode(text.substr(1, 2));
  if (!decoded || !is_escaped_character(decoded->front())) return '\0';
  return decoded->front();
}

}  // namespace

std::string jid_escape(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 8);
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    // A backslash only where it would be read as an escape; of either case, since preparation
    // lowers it.
    const bool escape = c == '\\' ? escape_at(name.substr(i)) != '\0' : is_escaped_character(c);
    if (escape) {
      out += '\\';
      out += crypto::hex_encode(name.substr(i, 1));
    } else {
      out += c;
    }
  }
  return out;
}

std::string jid_unescape(std::string_view local) {
  std::string out;
  out.reserve(local.size());
  for (size_t i = 0; i < local.size();) {
    // Case is significant (section 4): "\2F" is no escape.
    const char meant = escape_at(local.substr(i));
    const bool lower = meant != '\0' && !(local[i + 2] >= 'A' && local[i + 2] <= 'F');
    out += lower ? meant : local[i];
    i += lower ? 3 : 1;
  }
  return out;
}

}  // namespace xbus::xmpp
