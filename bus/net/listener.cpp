#include "bus/net/listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace xbus::net {

namespace {

using namespace std::chrono_literals;

// Out of descriptors or memory: the connections wait in the kernel's queue this long before the next try.
constexpr auto trouble_pause = 100ms;
constexpr int accepts_per_round = 64;

std::string failure(std::string_view what, std::string_view where) {
  return std::string(what) + " " + std::string(where) + ": " + std::strerror(errno);
}

// Whether somebody accepts connections there.
bool alive(const SocketAddress& address) {
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return ::connect(probe.get(), address.native(), address.size) == 0 || errno == EAGAIN;
}

}  // namespace

Listener::Listener(IoLoop& loop, Descriptor socket, Accept accept, Trouble trouble)
    : loop_(loop),
      socket_(std::move(socket)),
      accept_(std::move(accept)),
      trouble_(std::move(trouble)),
      pause_(loop) {}

Listener::~Listener() {
  if (watching_) loop_.unwatch(socket_.get(), *this);
  struct stat file{};
  if (!path_.empty() && ::lstat(path_.c_str(), &file) == 0 && file.st_ino == path_inode_) {
    ::unlink(path_.c_str());
  }
}

Result<std::unique_ptr<Listener>, std::string> Listener::listen(IoLoop& loop, Descriptor socket,
                                                                Accept accept, Trouble trouble) {
  auto fd = socket.get();
  std::unique_ptr<Listener> listener(
      new Listener(loop, std::move(socket), std::move(accept), std::move(trouble)));
  auto& bound = listener->address_;
  bound.size = sizeof bound.storage;
  if (::listen(fd, SOMAXCONN) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
    return Err{failure("cannot listen on", bound.text())};
  }
  if (!loop.watch(fd, *listener, IoLoop::readable)) return Err{failure("cannot watch", bound.text())};
  listener->watching_ = true;
  return listener;
}

Result<std::unique_ptr<Listener>, std::string> Listener::on_path(IoLoop& loop,
                                                                 const std::string& path,
                                                                 unsigned mode, Accept accept,
                                                                 Trouble trouble) {
  auto address = SocketAddress::unix_path(path);
  if (!address) return Err{path + ": a socket's path has 1 to 107 bytes"};
  struct stat file{};
  if (::lstat(path.c_str(), &file) == 0) {
    if (!S_ISSOCK(file.st_mode)) return Err{path + " exists and is no socket"};
    if (alive(*address)) return Err{path + ": somebody listens there already"};
    ::unlink(path.c_str());
  }
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Err{failure("cannot make a socket for", path)};
  // Nobody can connect before listen(), so the permissions are right from the first connection on.
  if (::bind(socket.get(), address->native(), address->size) != 0) {
    return Err{failure("cannot make", path)};
  }
  if (::chmod(path.c_str(), mode_t(mode)) != 0 || ::lstat(path.c_str(), &file) != 0) {
    return Err{failure("cannot set the permissions of", path)};
  }
  auto listener = listen(loop, std::move(socket), std::move(accept), std::move(trouble));
  if (listener) {
    (*listener)->path_ = path;
    (*listener)->path_inode_ = file.st_ino;
  }
  return listener;
}

Result<std::unique_ptr<Listener>, std::string> Listener::on_address(IoLoop& loop,
                                                                    const SocketAddress& address,
                                                                    Accept accept,
                                                                    Trouble trouble) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Err{failure("cannot make a socket for", address.text())};
  int one = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (address.family() == AF_INET6) {
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  }
  if (::bind(socket.get(), address.native(), address.size) != 0) {
    return Err{failure("cannot listen on", address.text())};
  }
  return listen(loop, std::move(socket), std::move(accept), std::move(trouble));
}

void Listener::watch_again() {
  watching_ = loop_.watch(socket_.get(), *this, IoLoop::readable);
  if (!watching_) pause_.start(trouble_pause, [this] { watch_again(); });
}

void Listener::on_ready(uint32_t) {
  for (int i = 0; i < accepts_per_round; ++i) {
    Descriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) {
      auto peer = peer_of(socket.get());
      accept_(std::move(socket), std::move(peer));
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the queue and would wake the loop without end.
      auto what = failure("cannot accept on", address_.text());
      loop_.unwatch(socket_.get(), *this);
      watching_ = false;
      pause_.start(trouble_pause, [this] { watch_again(); });
      if (trouble_) trouble_(what);
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    return;  // nothing waits, or the error of a connection that has gone again
  }
}

}  // namespace xbus::net
