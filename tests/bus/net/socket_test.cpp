#include "bus/net/socket.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/bus/net/wires.hpp"

namespace xbus::net {
namespace {

TEST(Socket, the_kernel_says_who_is_at_the_other_end) {
  Wires wires(Wire::unix_socket);
  EXPECT_EQ(wires.first->peer().uid, ::getuid());
  EXPECT_EQ(wires.first->peer().pid, ::getpid());
  EXPECT_EQ(wires.first->peer().text, "unix");
  Wires tcp(Wire::tcp);
  EXPECT_FALSE(tcp.first->peer().uid);
  EXPECT_TRUE(tcp.first->peer().text.starts_with("127.0.0.1:"));
}

TEST(Socket, addresses_as_text) {
  EXPECT_EQ(SocketAddress::ip("::1", 5222)->text(), "[::1]:5222");
  EXPECT_EQ(SocketAddress::ip("[::1]", 5222)->text(), "[::1]:5222");
  EXPECT_EQ(SocketAddress::ip("192.0.2.1", 1)->text(), "192.0.2.1:1");
  EXPECT_TRUE(SocketAddress::ip("127.9.9.9", 1)->loopback());
  EXPECT_TRUE(SocketAddress::ip("::1", 1)->loopback());
  EXPECT_TRUE(SocketAddress::ip("::ffff:127.0.0.1", 1)->loopback());
  EXPECT_FALSE(SocketAddress::ip("0.0.0.0", 1)->loopback());
  EXPECT_FALSE(SocketAddress::ip("::", 1)->loopback());
  EXPECT_FALSE(SocketAddress::ip("localhost", 1));
  EXPECT_FALSE(SocketAddress::ip("1.2.3", 1));
  EXPECT_FALSE(SocketAddress::unix_path(std::string(108, 'x')));
  EXPECT_TRUE(SocketAddress::unix_path(std::string(107, 'x')));
}

// Else a server that reads on when it has written would wait for ever.
TEST(Socket, who_has_paused_reading_and_waits_to_write_is_told_that_nobody_reads_any_more) {
  for (Wire wire : {Wire::unix_socket, Wire::tcp}) {
    SCOPED_TRACE(name_of(wire));
    Wires wires(wire);
    wires.first->start(wires.a);
    wires.second->start(wires.b);
    wires.first->pause_reading();
    wires.second->pause_reading();
    EXPECT_EQ(wires.first->write_one("not read"), 8u);
    const std::string much(64 * 1024, 'x');
    while (wires.second->write_one(much) == much.size()) {}
    EXPECT_EQ(wires.b.writables, 0);
    wires.first.reset();
    EXPECT_TRUE(wires.until([&] { return wires.b.writables == 1; }));
    EXPECT_EQ(wires.second->write_one(much), much.size());
    wires.second->resume_reading();
    EXPECT_TRUE(wires.until([&] { return wires.b.closed.has_value(); }));
  }
}

}  // namespace
}  // namespace xbus::net
