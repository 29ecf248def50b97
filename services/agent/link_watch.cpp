#include "services/agent/link_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/limits_agent.hpp"
#include "services/agent/link_table.hpp"
#include "services/agent/netlink.hpp"

namespace xbus::agent {
namespace {

Timestamp wall() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

// What the kernel sends to all who listen.
class Multicast {
 public:
  enum class Got { datagram, nothing, overrun, failed };

  explicit Multicast(int buffer_bytes)
      : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
    // Beyond the system's bound where we may; each call takes what it can get.
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof buffer_bytes);
    sockaddr_nl own{};
    own.nl_family = AF_NETLINK;
    own.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    listening_ = fd_ >= 0 && ::bind(fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0;
  }
  Multicast(const Multicast&) = delete;
  Multicast& operator=(const Multicast&) = delete;
  ~Multicast() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool listening() const { return listening_; }
  int fd() const { return fd_; }

  // The datagram is in `out` until the next call. What is no kernel's is passed over.
  Got receive(std::string_view* out) {
    for (;;) {
      sockaddr_nl from{};
      socklen_t from_size = sizeof from;
      const ssize_t size =
          ::recvfrom(fd_, buffer_.data(), buffer_.size(), MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &from_size);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == ENOBUFS) return Got::overrun;
      if (size < 0) return errno == EAGAIN ? Got::nothing : Got::failed;
      if (from.nl_pid != 0) continue;
      // Cut: as good as lost.
      if (static_cast<size_t>(size) > buffer_.size()) return Got::overrun;
      *out = std::string_view(buffer_.data(), static_cast<size_t>(size));
      return Got::datagram;
    }
  }

 private:
  int fd_;
  bool listening_ = false;
  std::vector<char> buffer_ = std::vector<char>(limits::agent_multicast_bytes_max);
};

std::optional<LinkDumps> ask_all() {
  auto links = netlink_dump(RTM_GETLINK);
  auto addresses = netlink_dump(RTM_GETADDR);
  auto routes = netlink_dump(RTM_GETROUTE);
  if (!links || !addresses || !routes) return std::nullopt;
  return LinkDumps{std::move(*links), std::move(*addresses), std::move(*routes)};
}

class Watching {
 public:
  explicit Watching(const LinkWatch& watch) : watch_(watch), table_(watch.host) {}

  bool begin() {
    // Listens before it asks: what changes in between comes twice rather than never.
    if (!listen() || !ask_anew()) return false;
    if (watch_.begun) watch_.begun();
    return true;
  }

  // False when the socket is of no more use.
  bool take_what_came(const Stop& stop) {
    std::string_view datagram;
    for (;;) {
      switch (multicast_->receive(&datagram)) {
        case Multicast::Got::datagram:
          tell(table_.apply(datagram, wall()));
          break;
        case Multicast::Got::nothing:
          return !table_.routes_are_stale() || refresh_routes();
        case Multicast::Got::overrun:
          note("the kernel has dropped changes of the network; asking anew");
          // More is on its way; one answer for all of it.
          if (wait_for(-1, 0, stop, limits::agent_multicast_loss_wait) == Woken::stopped) return true;
          if (!listen() || !ask_anew()) return false;
          break;
        case Multicast::Got::failed:
          return false;
      }
    }
  }

  int fd() const { return multicast_->fd(); }

 private:
  // With a new socket. After a loss what waits in the old one is older than the tables that are asked for next and
  // would undo them; and the kernel may leave a socket that ran over deaf (it is congested until a read empties its
  // queue, which may be empty by then).
  bool listen() {
    multicast_.reset();
    multicast_.emplace(watch_.buffer_bytes > 0 ? watch_.buffer_bytes : limits::agent_multicast_buffer_bytes);
    return multicast_->listening();
  }
  void tell(std::vector<LinkEvent> events) {
    for (LinkEvent& event : events) watch_.tell(std::move(event));
    if (table_.has_too_many_routes() && !std::exchange(warned_, true))
      note("too many routes; changes of routes are not told");
  }
  void note(const char* words) {
    if (watch_.note) watch_.note(words);
  }
  bool ask_anew() {
    const auto now = ask_all();
    if (now) tell(table_.replace(*now, wall()));
    return now.has_value();
  }
  bool refresh_routes() {
    const auto routes = netlink_dump(RTM_GETROUTE);
    if (routes) tell(table_.replace_routes(*routes, wall()));
    return routes.ok();
  }

  const LinkWatch& watch_;
  LinkTable table_;
  std::optional<Multicast> multicast_;
  bool warned_ = false;
};

}  // namespace

Result<void, KernelError> watch_links(const LinkWatch& watch, const Stop& stop) {
  Watching watching(watch);
  if (!watching.begin()) return Err{KernelError::unreadable};
  while (wait_for(watching.fd(), POLLIN, stop) != Woken::stopped)
    if (!watching.take_what_came(stop)) return Err{KernelError::unreadable};
  return {};
}

}  // namespace xbus::agent
