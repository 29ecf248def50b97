#include "bus/net/address.hpp"

#include <charconv>
#include <optional>

#include "bus/limits.hpp"
#include "bus/net/socket.hpp"

namespace xbus::net {

namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return {};
}

// RFC 3986 section 2.1; nothing for a broken escape or an escaped control character.
std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low || *high * 16 + *low < 0x20) return {};
    out += char(*high * 16 + *low);
    i += 2;
  }
  return out;
}

bool plain_text(std::string_view text) {
  for (char c : text) {
    if (uint8_t(c) <= 0x20 || c == 0x7f) return false;
  }
  return true;
}

std::optional<uint16_t> port_of(std::string_view text) {
  uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return {};
  return port;
}

Result<Address, std::string> parse_authority(Address address, std::string_view rest) {
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return Err{std::string("an address ends after the host and port")};
  }
  if (auto at = rest.rfind('@'); at != std::string_view::npos) {
    auto user = rest.substr(0, at);
    if (user.find(':') != std::string_view::npos) {
      return Err{std::string("a password has no place in an address")};
    }
    auto decoded = percent_decode(user);
    if (!decoded || decoded->empty()) return Err{std::string("the user before '@' cannot be read")};
    address.user = *decoded;
    rest = rest.substr(at + 1);
  }
  auto host_end = rest.starts_with('[') ? rest.find(']') : rest.find(':');
  if (rest.starts_with('[')) {
    if (host_end == std::string_view::npos) return Err{std::string("'[' without ']'")};
    address.host = rest.substr(1, host_end - 1);
    if (!SocketAddress::ip(address.host, 0) || address.host.find(':') == std::string::npos) {
      return Err{std::string("between '[' and ']' stands an IPv6 address")};
    }
    rest = rest.substr(host_end + 1);
    if (!rest.empty() && rest.front() != ':') return Err{std::string("after ']' comes ':' and a port")};
  } else {
    address.host = rest.substr(0, host_end);
    rest = host_end == std::string_view::npos ? std::string_view() : rest.substr(host_end);
  }
  if (address.host.empty()) return Err{std::string("the host is missing")};
  if (!rest.empty()) {
    auto port = port_of(rest.substr(1));
    if (!port) return Err{std::string("a port is a number from 1 to 65535")};
    address.port = *port;
  }
  return address;
}

}  // namespace

Result<Address, std::string> parse_address(std::string_view text) {
  auto wrong = [&](const std::string& why) {
    return Err{"\"" + std::string(text.substr(0, 200)) + "\" is no address of a bus: " + why};
  };
  if (text.size() > limits::address_bytes_max) return wrong("it is too long");
  Address address;
  if (text.starts_with("unix:")) {
    auto path = text.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (!SocketAddress::unix_path(path)) return wrong("a socket's path has 1 to 107 bytes");
    address.path = path;
    return address;
  }
  if (!plain_text(text)) return wrong("it holds a space or a control character");
  auto colon = text.find("://");
  auto scheme = text.substr(0, colon);
  if (scheme == "xmpp") {
    address.kind = Address::Kind::xmpp;
  } else if (scheme == "xmpps") {
    address.kind = Address::Kind::xmpps;
  } else if (scheme == "tcp") {
    address.kind = Address::Kind::tcp;
  } else {
    return wrong("it begins with unix:, xmpp://, xmpps:// or tcp://");
  }
  if (colon == std::string_view::npos) return wrong("\"//\" is missing");
  auto parsed = parse_authority(std::move(address), text.substr(colon + 3));
  if (!parsed) return wrong(parsed.error());
  if (parsed->kind == Address::Kind::tcp && parsed->port == 0) return wrong("tcp:// needs a port");
  // With the user escaped as to_string() does it, it may have grown.
  if (to_string(*parsed).size() > limits::address_bytes_max) return wrong("it is too long");
  return parsed;
}

std::string to_string(const Address& address) {
  // Two slashes at its beginning would be taken for those of a URI.
  if (address.kind == Address::Kind::unix_socket) return (address.path.starts_with("//") ? "unix://" : "unix:") + address.path;
  std::string out = address.kind == Address::Kind::xmpp    ? "xmpp://"
                    : address.kind == Address::Kind::xmpps ? "xmpps://"
                                                           : "tcp://";
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char c : address.user) {
    auto plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                 c == '.' || c == '_' || c == '~' || uint8_t(c) >= 0x80;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[uint8_t(c) >> 4];
      out += digits[uint8_t(c) & 15];
    }
  }
  if (!address.user.empty()) out += '@';
  auto v6 = address.host.find(':') != std::string::npos;
  out += v6 ? "[" + address.host + "]" : address.host;
  if (address.port) out += ":" + std::to_string(address.port);
  return out;
}

}  // namespace xbus::net
