#include "bus/net/listener.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "tests/bus/net/wires.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

struct Folder {
  Folder() { EXPECT_NE(::mkdtemp(path.data()), nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path = "/tmp/xbus-listener-XXXXXX";
};

Descriptor connect_to(const SocketAddress& address) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::connect(socket.get(), address.native(), address.size);
  return socket;
}

class ListenerTest : public testing::Test {
 protected:
  auto on_path(unsigned mode = 0600) {
    return Listener::on_path(loop, path, mode, [this](Descriptor socket, PeerAddress peer) {
      peers.push_back(peer);
      sockets.push_back(std::move(socket));
    }, [this](std::string_view what) { troubles.emplace_back(what); });
  }
  Folder folder;
  std::string path = folder.path + "/socket";
  IoLoop loop;
  std::vector<PeerAddress> peers;
  std::vector<Descriptor> sockets;
  std::vector<std::string> troubles;
};

TEST_F(ListenerTest, a_unix_path_with_its_mode_and_the_peers_credentials) {
  auto listener = on_path(0640);
  ASSERT_TRUE(listener);
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0640u);
  auto client = connect_to(*SocketAddress::unix_path(path));
  EXPECT_TRUE(loop.run_until([&] { return !peers.empty(); }, 5s));
  EXPECT_EQ(peers[0].uid, ::getuid());
  EXPECT_EQ(peers[0].pid, ::getpid());
  listener->reset();
  EXPECT_NE(::stat(path.c_str(), &file), 0);
}

TEST_F(ListenerTest, a_stale_socket_is_removed_a_live_one_and_a_file_are_not) {
  {
    Descriptor stale(::socket(AF_UNIX, SOCK_STREAM, 0));
    auto address = *SocketAddress::unix_path(path);
    ASSERT_EQ(::bind(stale.get(), address.native(), address.size), 0);
  }
  auto listener = on_path();
  ASSERT_TRUE(listener) << listener.error();
  auto second = on_path();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("listens there already"), std::string::npos);
  listener->reset();
  std::ofstream(path) << "a file";
  auto third = on_path();
  ASSERT_FALSE(third);
  EXPECT_NE(third.error().find("is no socket"), std::string::npos);
  EXPECT_FALSE(Listener::on_path(loop, std::string(200, 'x'), 0600, {}));
}

TEST_F(ListenerTest, tcp_on_a_free_port_v4_and_v6) {
  for (auto host : {"127.0.0.1", "::1"}) {
    int accepted = 0;
    auto listener = Listener::on_address(loop, *SocketAddress::ip(host, 0),
                                         [&](Descriptor, PeerAddress peer) {
                                           EXPECT_TRUE(peer.loopback);
                                           ++accepted;
                                         });
    if (!listener && std::string_view(host) == "::1") continue;  // a machine without IPv6
    ASSERT_TRUE(listener) << listener.error();
    EXPECT_NE((*listener)->address().port(), 0);
    auto client = connect_to((*listener)->address());
    EXPECT_TRUE(loop.run_until([&] { return accepted == 1; }, 5s));
    auto taken = Listener::on_address(loop, (*listener)->address(), {});
    EXPECT_FALSE(taken);
  }
}

TEST_F(ListenerTest, out_of_descriptors_it_waits_and_goes_on) {
  auto listener = on_path();
  ASSERT_TRUE(listener);
  auto address = *SocketAddress::unix_path(path);
  auto first = connect_to(address), second = connect_to(address);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low{rlim_t(second.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_TRUE(loop.run_until([&] { return !troubles.empty(); }, 5s));
  // It does not spin: a few tries in this time, not thousands.
  loop.run_until([] { return false; }, 250ms);
  EXPECT_LE(troubles.size(), 4u);
  EXPECT_TRUE(sockets.empty());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(loop.run_until([&] { return sockets.size() == 2; }, 5s));
}

}  // namespace
}  // namespace xbus::net
