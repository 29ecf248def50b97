#include "adapters/http/url.hpp"

#include <algorithm>
#include <charconv>

#include "bus/limits_feeds.hpp"

namespace xbus::http {
namespace {

bool begins(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() && std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
         });
}

bool right_host(std::string_view host, bool address) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || (address && c == ':');
  });
}

std::string encoded(std::string_view target) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

std::string Url::text() const { return (tls ? "https://" : "http://") + authority + target; }

Result<Url, std::string> parse_url(std::string_view text) {
  const auto wrong = [](const char* why) { return Err{std::string(why)}; };
  if (text.size() > limits::feed_uri_bytes_max) return wrong("this URL is too long");
  Url url;
  url.tls = begins(text, "https://");
  if (!url.tls && !begins(text, "http://")) return wrong("a URL begins with http:// or https://");
  text.remove_prefix(url.tls ? 8 : 7);
  text = text.substr(0, text.find('#'));
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  const std::string_view target = text.substr(authority.size());
  if (authority.find('@') != authority.npos) return wrong("a URL with a user or a password is not taken");
  const bool address = authority.starts_with('[');
  const size_t host_end = address ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == authority.npos) return wrong("this URL has no host");
  const std::string_view host = address ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  const std::string_view rest = authority.substr(host_end + (address ? 1 : 0));
  if (!right_host(host, address)) return wrong("this URL has no host");
  url.host = host;
  const uint16_t usual = url.tls ? 443 : 80;
  url.port = usual;
  if (!rest.empty() && rest != ":") {
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), url.port);
    if (rest[0] != ':' || error != std::errc() || end != rest.data() + rest.size() || url.port == 0)
      return wrong("this URL has no port where one is expected");
  }
  url.authority = address ? "[" + url.host + "]" : url.host;
  if (url.port != usual) url.authority += ":" + std::to_string(url.port);
  url.target = encoded(target);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace xbus::http
