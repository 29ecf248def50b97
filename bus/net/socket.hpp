// Sockets: the transport over a connected unix or TCP socket, and addresses as the kernel has them.
#pragma once
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/net/descriptor.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/transport.hpp"

namespace xbus::net {

// Takes over a connected socket and makes it non-blocking. Writes go out at once (TCP_NODELAY); an idle one holds no
// buffer.
std::unique_ptr<Transport> make_socket(IoLoop& loop, Descriptor socket, PeerAddress peer);

// A socket address by value.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* native() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool loopback() const;     // 127.0.0.0/8, ::1, or a unix socket
  uint16_t port() const;     // zero for a unix socket
  std::string text() const;  // "127.0.0.1:5222", "[::1]:5222", "unix"

  // An IP literal, IPv6 with or without brackets. Nothing for anything else.
  static std::optional<SocketAddress> ip(std::string_view host, uint16_t port);
  // Nothing when the path does not fit (107 bytes).
  static std::optional<SocketAddress> unix_path(std::string_view path);
};

// Who is at the other end of a connected socket.
PeerAddress peer_of(int socket);

}  // namespace xbus::net
