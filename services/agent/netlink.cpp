#include "services/agent/netlink.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bus/limits.hpp"

namespace xbus::agent {
namespace {

enum class Piece { more, done, interrupted, refused };

class NetlinkSocket {
 public:
  NetlinkSocket() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
    const timeval patience{2, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;
  ~NetlinkSocket() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool ask(uint16_t request) {
    struct {
      nlmsghdr header;
      rtgenmsg family;
    } message{};
    message.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtgenmsg));
    message.header.nlmsg_type = request;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.header.nlmsg_seq = 1;
    message.family.rtgen_family = AF_UNSPEC;
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    return fd_ >= 0 && ::sendto(fd_, &message, message.header.nlmsg_len, 0,
                                reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) > 0;
  }

  // Appends one datagram of the kernel's to `out`; false when none came or it is not the kernel's.
  bool receive(std::string* out) {
    ssize_t size = 0;
    do {
      size = ::recv(fd_, nullptr, 0, MSG_PEEK | MSG_TRUNC);
    } while (size < 0 && errno == EINTR);
    const size_t before = out->size();
    if (size <= 0 || static_cast<size_t>(size) > limits::agent_netlink_bytes_max - before)
      return false;
    out->resize(before + static_cast<size_t>(size));
    sockaddr_nl from{};
    socklen_t from_size = sizeof from;
    const ssize_t got = ::recvfrom(fd_, out->data() + before, static_cast<size_t>(size), 0,
                                   reinterpret_cast<sockaddr*>(&from), &from_size);
    return got == size && from.nl_pid == 0;
  }

 private:
  int fd_;
};

Piece judge(std::string_view datagram) {
  Piece piece = Piece::more;
  for (size_t at = 0; datagram.size() - at >= sizeof(nlmsghdr);) {
    nlmsghdr header{};
    std::memcpy(&header, datagram.data() + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size() - at) break;
    if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) return Piece::interrupted;
    if (header.nlmsg_type == NLMSG_ERROR) return Piece::refused;
    if (header.nlmsg_type == NLMSG_DONE) piece = Piece::done;
    at += std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size() - at);
  }
  return piece;
}

}  // namespace

Result<std::string, KernelError> netlink_dump(uint16_t request) {
  for (int tries = 0; tries < limits::agent_netlink_tries_max; ++tries) {
    NetlinkSocket socket;
    if (!socket.ask(request)) return Err{KernelError::unreadable};
    std::string dump;
    bool again = false;
    while (!again) {
      const size_t before = dump.size();
      if (!socket.receive(&dump)) return Err{KernelError::unreadable};
      const Piece piece = judge(std::string_view(dump).substr(before));
      if (piece == Piece::refused) return Err{KernelError::unreadable};
      if (piece == Piece::done) return dump;
      again = piece == Piece::interrupted;
    }
  }
  return Err{KernelError::unreadable};
}

void each_message(std::string_view dump, const NetlinkVisitor& visit) {
  while (dump.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, dump.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > dump.size()) return;
    visit(header.nlmsg_type, dump.substr(sizeof header, header.nlmsg_len - sizeof header));
    dump.remove_prefix(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), dump.size()));
  }
}

void each_attribute(std::string_view payload, size_t fixed, const AttributeVisitor& visit) {
  fixed = NLMSG_ALIGN(fixed);
  if (payload.size() < fixed) return;
  payload.remove_prefix(fixed);
  while (payload.size() >= sizeof(rtattr)) {
    rtattr header{};
    std::memcpy(&header, payload.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > payload.size()) return;
    visit(header.rta_type & NLA_TYPE_MASK,
          payload.substr(sizeof header, header.rta_len - sizeof header));
    payload.remove_prefix(std::min<size_t>(RTA_ALIGN(header.rta_len), payload.size()));
  }
}

}  // namespace xbus::agent
