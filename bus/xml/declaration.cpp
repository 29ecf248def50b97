#include "bus/xml/declaration.hpp"

#include <optional>

#include "bus/xml/chars.hpp"

namespace xbus::xml {
namespace {

bool skip_space(std::string_view& rest) {
  const size_t before = rest.size();
  while (!rest.empty() && chars::is_space(rest.front())) rest.remove_prefix(1);
  return rest.size() < before;
}

// Takes `name`, the equals sign and the quoted value; nothing when `rest` does not begin with them.
std::optional<std::string_view> take(std::string_view& rest, std::string_view name) {
  if (!rest.starts_with(name)) return std::nullopt;
  std::string_view after = rest.substr(name.size());
  skip_space(after);
  if (!after.starts_with('=')) return std::nullopt;
  after.remove_prefix(1);
  skip_space(after);
  if (after.empty() || (after.front() != '"' && after.front() != '\'')) return std::nullopt;
  const size_t close = after.find(after.front(), 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view value = after.substr(1, close - 1);
  rest = after.substr(close + 1);
  return value;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_encoding_name(std::string_view name) {
  if (name.empty() || lower(name.front()) < 'a' || lower(name.front()) > 'z') return false;
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
         std::string_view::npos;
}

bool is_utf8(std::string_view name) {
  constexpr std::string_view utf8 = "utf-8";
  if (name.size() != utf8.size()) return false;
  for (size_t i = 0; i < utf8.size(); ++i) {
    if (lower(name[i]) != utf8[i]) return false;
  }
  return true;
}

}  // namespace

ScanError check_declaration(std::string_view declaration) {
  constexpr std::string_view open = "<?xml", close = "?>";
  if (declaration.size() < open.size() + close.size() || !declaration.starts_with(open) ||
      !declaration.ends_with(close)) {
    return ScanError::not_well_formed;
  }
  std::string_view rest =
      declaration.substr(open.size(), declaration.size() - open.size() - close.size());
  bool spaced = skip_space(rest);
  const auto version = take(rest, "version");
  if (!spaced || !version || *version != "1.0") return ScanError::not_well_formed;
  spaced = skip_space(rest);
  ScanError error = ScanError::none;
  if (const auto encoding = spaced ? take(rest, "encoding") : std::nullopt) {
    if (!is_encoding_name(*encoding)) return ScanError::not_well_formed;
    if (!is_utf8(*encoding)) error = ScanError::unsupported_encoding;
    spaced = skip_space(rest);
  }
  if (const auto standalone = spaced ? take(rest, "standalone") : std::nullopt) {
    if (*standalone != "yes" && *standalone != "no") return ScanError::not_well_formed;
    skip_space(rest);
  }
  return rest.empty() ? error : ScanError::not_well_formed;
}

}  // namespace xbus::xml
