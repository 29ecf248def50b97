// The parts of an http:// or https:// URL (RFC 3986, RFC 9110 section 4.2) that a client needs.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "bus/result.hpp"

namespace xbus::http {

struct Url {
  bool tls = false;    // https
  std::string host;    // a name, or an IP address without brackets
  uint16_t port = 80;  // or 443, or as written
  std::string
      target;  // path and query as they stand in a request, "/" at least; what may not stand there is percent-encoded
  std::string authority;  // as the Host header has it: with the port where it is not the scheme's own

  std::string text() const;  // without fragment
  bool operator==(const Url&) const = default;
};

// Refuses other schemes, a user or a password, and a URL above limits::feed_uri_bytes_max. The error is a line for a
// person.
Result<Url, std::string> parse_url(std::string_view text);

}  // namespace xbus::http
