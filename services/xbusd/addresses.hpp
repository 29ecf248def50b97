// Where xbusd listens on TCP, read from its configuration and checked before anything is made.
#pragma once
#include <string>
#include <vector>

#include "bus/net/socket.hpp"
#include "bus/result.hpp"
#include "bus/server/server.hpp"
#include "services/xbusd/config.hpp"

namespace xbus::xbusd {

struct ListenAddress {
  net::SocketAddress address;
  server::ListenerKind kind;
  const char* name;  // of the kind, for the log
};

// The address of "ADDRESS:PORT", as below.
Result<net::SocketAddress, std::string> listen_address_of(const std::string& text);

// "ADDRESS:PORT" each; an IPv6 address in brackets; ADDRESS may be "localhost". The error is a line that names the
// first that is none, or that would be without TLS on an address other hosts can reach.
Result<std::vector<ListenAddress>, std::string> listen_addresses(const Config& config);

}  // namespace xbus::xbusd
