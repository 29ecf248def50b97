#include "tests/bus/net/wires.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "bus/net/listener.hpp"
#include "bus/net/socket.hpp"

namespace xbus::net {

using namespace std::chrono_literals;

std::string name_of(Wire wire) {
  switch (wire) {
    case Wire::pipe: return "pipe";
    case Wire::pipe_bytes: return "pipe_bytes";
    case Wire::pipe_pieces: return "pipe_pieces";
    case Wire::pipe_slow: return "pipe_slow";
    case Wire::unix_socket: return "unix_socket";
    case Wire::tcp: return "tcp";
  }
  return {};
}

namespace {

PipeOptions options_of(Wire wire) {
  PipeOptions options;
  if (wire == Wire::pipe_bytes) options.fragment_bytes = 1;
  if (wire == Wire::pipe_pieces) options.fragment_seed = 42;
  if (wire == Wire::pipe_slow) options.delay = 20ms;
  return options;
}

}  // namespace

Wires::Wires(Wire wire) {
  if (wire != Wire::unix_socket && wire != Wire::tcp) {
    simulated = std::make_unique<VirtualLoop>();
    loop = simulated.get();
    auto ends = make_pipe(*loop, options_of(wire));
    first = std::move(ends.first);
    second = std::move(ends.second);
    return;
  }
  io = std::make_unique<IoLoop>();
  loop = io.get();
  if (wire == Wire::unix_socket) {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    first = make_socket(*io, Descriptor(fds[0]), peer_of(fds[0]));
    second = make_socket(*io, Descriptor(fds[1]), peer_of(fds[1]));
    return;
  }
  auto listener = Listener::on_address(*io, *SocketAddress::ip("127.0.0.1", 0),
                                       [&](Descriptor socket, PeerAddress peer) {
                                         second = make_socket(*io, std::move(socket), std::move(peer));
                                       });
  EXPECT_TRUE(listener);
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = (*listener)->address();
  EXPECT_EQ(::connect(socket.get(), address.native(), address.size), 0);
  auto peer = peer_of(socket.get());
  first = make_socket(*io, std::move(socket), std::move(peer));
  EXPECT_TRUE(until([&] { return second != nullptr; }));
}

Wires::~Wires() {
  first.reset();
  second.reset();
}

bool Wires::until(const std::function<bool()>& done) {
  return io ? io->run_until(done, 10s) : simulated->run_until(done, 10s);
}

void Wires::settle() {
  if (io) {
    io->run_until([] { return false; }, 20ms);
  } else {
    simulated->run_until_idle();
    simulated->advance(20ms);
  }
}

}  // namespace xbus::net
