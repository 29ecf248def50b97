#include "bus/net/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bus/net/stream_transport.hpp"

namespace xbus::net {

namespace {

class SocketTransport final : public StreamTransport, private IoLoop::Watcher {
 public:
  SocketTransport(IoLoop& loop, Descriptor socket, PeerAddress peer)
      : StreamTransport(loop, std::move(peer)), socket_(std::move(socket)) {}
  ~SocketTransport() {
    if (gone_) *gone_ = true;
    raw_close();
  }

 private:
  IoLoop& io() { return static_cast<IoLoop&>(loop()); }

  size_t raw_write(std::span<const std::string_view> pieces) override {
    size_t taken = 0;
    std::array<iovec, 64> vectors;
    while (!pieces.empty()) {
      size_t count = 0, given = 0;
      for (; count < pieces.size() && count < vectors.size(); ++count) {
        vectors[count] = {const_cast<char*>(pieces[count].data()), pieces[count].size()};
        given += pieces[count].size();
      }
      pieces = pieces.subspan(count);
      if (broken_) {
        taken += given;  // nobody reads any more; reading finds the end
        continue;
      }
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = count;
      ssize_t done;
      do done = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
      while (done < 0 && errno == EINTR);
      if (done < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
        broken_ = true;
        taken += given;
        want(IoLoop::readable);
        continue;
      }
      if (done > 0) taken += size_t(done);
      if (done < 0 || size_t(done) < given) {
        want(wanted_ | IoLoop::writable);
        break;
      }
    }
    return taken;
  }

  void raw_read(bool on) override {
    want(on ? wanted_ | IoLoop::readable : wanted_ & ~uint32_t{IoLoop::readable});
  }

  void raw_shutdown() override { ::shutdown(socket_.get(), SHUT_WR); }

  void raw_close() override {
    if (!socket_) return;
    if (watched_) io().unwatch(socket_.get(), *this);
    watched_ = false;
    socket_.reset();
  }

  // Nothing wanted and hung up would be reported for ever, so a socket that wants nothing is not watched.
  void want(uint32_t wanted) {
    if (!socket_) return;
    if (wanted == wanted_ && watched_ == (wanted != 0)) return;
    wanted_ = wanted;
    if (wanted == 0) {
      if (std::exchange(watched_, false)) io().unwatch(socket_.get(), *this);
    } else if (watched_) {
      io().rewatch(socket_.get(), *this, wanted);
    } else {
      watched_ = io().watch(socket_.get(), *this, wanted);
      if (!watched_) ::shutdown(socket_.get(), SHUT_RDWR);
    }
  }

  void on_ready(uint32_t ready) override {
    if (ready & IoLoop::failed && !(wanted_ & IoLoop::readable)) {
      // Hung up while reading is paused: what is still to be read waits for resume_reading(). Who waits to write before
      // it reads again is rid of what it has to write.
      broken_ = true;
      const bool writes = (wanted_ & IoLoop::writable) != 0;
      want(0);
      if (writes) on_raw_writable();
      return;
    }
    if (ready & IoLoop::writable) {
      want(wanted_ & ~uint32_t{IoLoop::writable});
      bool gone = false;
      gone_ = &gone;
      on_raw_writable();
      if (gone) return;
      gone_ = nullptr;
    }
    if (ready & IoLoop::readable && wanted_ & IoLoop::readable) read();
  }

  void read() {
    auto buffer = io().buffer();
    ssize_t size;
    do size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    while (size < 0 && errno == EINTR);
    if (size > 0) return on_raw_data({buffer.data(), size_t(size)});
    if (size == 0) return on_raw_end(CloseReason::by_peer, {});
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    on_raw_end(errno == ETIMEDOUT ? CloseReason::timed_out : CloseReason::reset,
               std::strerror(errno));
  }

  Descriptor socket_;
  bool* gone_ = nullptr;  // set by the destructor, for on_ready()
  uint32_t wanted_ = 0;
  bool watched_ = false;
  bool broken_ = false;  // the peer takes nothing any more
};

}  // namespace

std::unique_ptr<Transport> make_socket(IoLoop& loop, Descriptor socket, PeerAddress peer) {
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  int one = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // refused by unix sockets
  return std::make_unique<SocketTransport>(loop, std::move(socket), std::move(peer));
}

bool SocketAddress::loopback() const {
  if (family() == AF_UNIX) return true;
  if (family() == AF_INET) {
    auto address = ntohl(reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr.s_addr);
    return address >> 24 == 127;
  }
  if (family() != AF_INET6) return false;
  auto& address = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address) ||
         (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return 0;
}

std::string SocketAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, host.data(),
              socklen_t(host.size()));
    return std::string(host.data()) + ":" + std::to_string(port());
  }
  if (family() == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr, host.data(),
              socklen_t(host.size()));
    return "[" + std::string(host.data()) + "]:" + std::to_string(port());
  }
  return "unix";
}

std::optional<SocketAddress> SocketAddress::ip(std::string_view host, uint16_t port) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::string text(host);
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
    return address;
  }
  return {};
}

std::optional<SocketAddress> SocketAddress::unix_path(std::string_view path) {
  SocketAddress address;
  auto* local = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof local->sun_path ||
      path.find('\0') != std::string_view::npos) {
    return {};
  }
  local->sun_family = AF_UNIX;
  std::memcpy(local->sun_path, path.data(), path.size());
  address.size = socklen_t(sizeof *local);
  return address;
}

PeerAddress peer_of(int socket) {
  SocketAddress address;
  address.size = sizeof address.storage;
  PeerAddress peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
    return peer;
  }
  peer.text = address.text();
  peer.loopback = address.loopback();
  if (address.family() == AF_UNIX) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
      peer.uid = credentials.uid;
      peer.pid = credentials.pid;
    }
  }
  return peer;
}

}  // namespace xbus::net
