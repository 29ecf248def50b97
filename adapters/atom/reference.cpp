#include "adapters/atom/reference.hpp"

#include <algorithm>

#include "bus/xml/chars.hpp"

namespace xbus::atom {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && xml::chars::is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && xml::chars::is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Appendix B. A part that is there and empty differs from one that is not there.
struct Parts {
  std::string_view scheme, authority, path, query, fragment;  // with ":", "//", "", "?", "#"
};

size_t scheme_size(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i + 1;
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return 0;
  }
  return 0;
}

Parts parts_of(std::string_view text) {
  Parts parts;
  const auto take = [&text](size_t count) {
    const std::string_view taken = text.substr(0, count);
    text.remove_prefix(taken.size());
    return taken;
  };
  parts.scheme = take(scheme_size(text));
  if (text.starts_with("//")) parts.authority = take(std::min(text.find_first_of("/?#", 2), text.size()));
  parts.path = take(std::min(text.find_first_of("?#"), text.size()));
  parts.query = take(text.starts_with('?') ? std::min(text.find('#'), text.size()) : 0);
  parts.fragment = text;
  return parts;
}

// Section 5.2.4.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path.size() == 3 ? "/" : path.substr(3);
      const size_t slash = out.rfind('/');
      out.resize(slash == out.npos ? 0 : slash);
    } else if (path == "." || path == "..") {
      path = {};
    } else {
      const size_t end = std::min(path.find('/', 1), path.size());
      out += path.substr(0, end);
      path.remove_prefix(end);
    }
  }
  return out;
}

std::string merged(const Parts& base, std::string_view path) {
  if (!base.authority.empty() && base.path.empty()) return "/" + std::string(path);
  const size_t slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == base.path.npos ? 0 : slash + 1)) + std::string(path);
}

bool starts_without_case(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(),
                    [](char a, char b) { return a == b || (is_letter(b) && a == (b | 32)); });
}

}  // namespace

bool is_absolute(std::string_view reference) { return scheme_size(reference) != 0; }

std::string resolve(std::string_view base, std::string_view reference) {
  reference = trimmed(reference);
  base = trimmed(base);
  Parts to = parts_of(reference);
  if (!to.scheme.empty() || !is_absolute(base)) return std::string(reference);
  const Parts from = parts_of(base);
  std::string path;
  if (!to.authority.empty()) {
    path = without_dots(to.path);
  } else {
    to.authority = from.authority;
    if (to.path.empty()) {
      path = from.path;
      if (to.query.empty()) to.query = from.query;
    } else {
      path = without_dots(to.path.starts_with('/') ? std::string(to.path) : merged(from, to.path));
    }
  }
  std::string out(from.scheme);
  for (const std::string_view part : {to.authority, std::string_view(path), to.query, to.fragment}) out += part;
  return out;
}

std::string link_of(std::string_view base, std::string_view reference) {
  if (trimmed(reference).empty()) return {};
  const std::string link = resolve(base, reference);
  if (!starts_without_case(link, "http://") && !starts_without_case(link, "https://") &&
      !starts_without_case(link, "ftp://"))
    return {};
  std::string out;
  for (const char c : link) {
    constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F || c == '"' || c == '<' || c == '>') {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace xbus::atom
