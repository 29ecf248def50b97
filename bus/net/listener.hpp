// Listeners: accept connections on a unix path or a TCP port.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bus/net/descriptor.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/socket.hpp"
#include "bus/net/timer.hpp"
#include "bus/result.hpp"

namespace xbus::net {

class Listener final : private IoLoop::Watcher {
 public:
  // A new connection, non-blocking, told by a listener that must outlive the call; make_socket() on whichever loop it is to live on.
  using Accept = std::function<void(Descriptor socket, PeerAddress peer)>;
  // For the log: accept() failed, and listening goes on after a pause.
  using Trouble = std::function<void(std::string_view what)>;

  // Listens on `path` with these permissions. A socket file that nobody listens on is removed first; anything else in
  // the way is an error. The file goes when the listener goes. Errors are a line for a person.
  static Result<std::unique_ptr<Listener>, std::string> on_path(IoLoop& loop, const std::string& path,
                                                                unsigned mode, Accept accept,
                                                                Trouble trouble = {});
  // Port 0 takes a free one. An IPv6 socket takes IPv6 only.
  static Result<std::unique_ptr<Listener>, std::string> on_address(IoLoop& loop,
                                                                   const SocketAddress& address,
                                                                   Accept accept,
                                                                   Trouble trouble = {});
  ~Listener();

  const SocketAddress& address() const { return address_; }  // with the port that was taken

 private:
  Listener(IoLoop& loop, Descriptor socket, Accept accept, Trouble trouble);
  static Result<std::unique_ptr<Listener>, std::string> listen(IoLoop& loop, Descriptor socket,
                                                               Accept accept, Trouble trouble);
  void on_ready(uint32_t ready) override;
  void watch_again();

  IoLoop& loop_;
  Descriptor socket_;
  Accept accept_;
  Trouble trouble_;
  SocketAddress address_;
  std::string path_;         // to remove, if it is still this file:
  uint64_t path_inode_ = 0;
  Timer pause_;
  bool watching_ = false;
};

}  // namespace xbus::net
