// Addresses of a bus as a person writes them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "bus/result.hpp"

namespace xbus::net {

struct Address {
  enum class Kind {
    unix_socket,  // unix:PATH
    xmpp,         // xmpp://[USER@]HOST[:PORT]: STARTTLS, or direct TLS where the domain's SRV records say so
    xmpps,        // xmpps://[USER@]HOST[:PORT]: direct TLS
    tcp,          // tcp://HOST:PORT: plain, loopback only
  } kind = Kind::unix_socket;
  std::string path = {};  // of a unix socket
  std::string user = {};
  std::string host = {};  // a domain name, or an IP address without brackets
  uint16_t port = 0;      // 0: not given, so SRV records are looked up

  bool operator==(const Address&) const = default;
};

// Errors are a line for a person.
Result<Address, std::string> parse_address(std::string_view text);
std::string to_string(const Address& address);

}  // namespace xbus::net
