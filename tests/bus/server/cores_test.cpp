// Two loops on two threads: sessions of both call each other, come and go.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "bus/net/io_loop.hpp"
#include "bus/net/socket.hpp"
#include "bus/server/server.hpp"
#include "bus/store/memory_store.hpp"

namespace xbus::server {
namespace {

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='localhost' "
    "version='1.0'>";

// A blocking client on its end of a socket pair.
class Plain {
 public:
  Plain(Server& server, net::IoLoop& loop) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    fd_ = ends[0];
    loop.post([&server, &loop, theirs = ends[1]] {
      net::PeerAddress peer{"pair", true, static_cast<uint32_t>(geteuid()), {}};
      server.accept(net::make_socket(loop, net::Descriptor(theirs), peer),
                    ListenerKind::unix_socket, loop);
    });
  }
  ~Plain() { close(fd_); }

  void send(std::string_view text) {
    while (!text.empty()) {
      ssize_t count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      text.remove_prefix(static_cast<size_t>(count));
    }
  }
  // Reads up to and with `wanted`, and drops it; false when it does not come.
  bool expect(std::string_view wanted) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      size_t at = got_.find(wanted);
      if (at != std::string::npos) {
        got_.erase(0, at + wanted.size());
        return true;
      }
      if (std::chrono::steady_clock::now() > deadline) return false;
      pollfd wait{fd_, POLLIN, 0};
      if (poll(&wait, 1, 100) <= 0) continue;
      char buffer[16384];
      ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
      if (count <= 0) return false;
      got_.append(buffer, static_cast<size_t>(count));
    }
  }
  bool login(std::string_view resource) {
    send(header);
    if (!expect("</stream:features>")) return false;
    send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
    if (!expect("<success")) return false;
    send(header);
    if (!expect("</stream:features>")) return false;
    send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" +
         std::string(resource) + "</resource></bind></iq>");
    if (!expect("<jid>") || !expect("</jid>")) return false;
    return expect("</iq>");
  }

 private:
  int fd_ = -1;
  std::string got_;
};

class Cores : public testing::Test {
 protected:
  Cores() {
    server_ =
        std::make_unique<Server>(Options{}, std::vector<net::Loop*>{&one_, &two_}, *store_, Log{});
    threads_.emplace_back([this] { one_.run(); });
    threads_.emplace_back([this] { two_.run(); });
  }
  ~Cores() override {
    std::promise<void> drained;
    one_.post([&] { server_->drain(std::chrono::seconds(10), [&] { drained.set_value(); }); });
    drained.get_future().wait();
    one_.stop();
    two_.stop();
    for (std::thread& thread : threads_) thread.join();
    server_.reset();
  }
  std::string account() {
    for (const auto& account : store_->accounts()) return account.local;
    return {};
  }

  net::IoLoop one_, two_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  std::unique_ptr<Server> server_;
  std::vector<std::thread> threads_;
};

TEST_F(Cores, calls_cross_from_loop_to_loop) {
  Plain responder(*server_, two_);
  ASSERT_TRUE(responder.login("responder"));
  std::string to = account() + "@localhost/responder";
  constexpr int callers = 4, calls = 400;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      Plain caller(*server_, i % 2 ? one_ : two_);
      std::string resource = "caller" + std::to_string(i);
      if (!caller.login(resource)) return;
      for (int n = 0; n < calls; ++n) {
        std::string id = resource + "-" + std::to_string(n);
        caller.send("<iq type='get' id='" + id + "' to='" + to + "/none'><q xmlns='u'/></iq>");
        if (!caller.expect("id='" + id + "'")) return;
        caller.send("<message id='" + id + "m' to='" + to + "'><body>x</body></message>");
        ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, callers * calls);
  // Each sender's last message comes last of its own.
  Plain last(*server_, one_);
  ASSERT_TRUE(last.login("last"));
  last.send("<message id='the-end' to='" + to + "'/>");
  EXPECT_TRUE(responder.expect("id='the-end'"));
}

TEST_F(Cores, sessions_come_and_go_while_others_send_to_them) {
  Plain steady(*server_, one_);
  ASSERT_TRUE(steady.login("steady"));
  std::string base = account() + "@localhost/";
  std::atomic<bool> stop = false;
  std::thread sender([&] {
    for (int n = 0; !stop; ++n) {
      steady.send("<message type='headline' to='" + base + "guest" + std::to_string(n % 3) +
                  "'><body>" + std::string(200, 'x') + "</body></message><presence to='" + base +
                  "guest" + std::to_string(n % 3) + "'/>");
    }
  });
  for (int n = 0; n < 60; ++n) {
    Plain guest(*server_, n % 2 ? one_ : two_);
    ASSERT_TRUE(guest.login("guest" + std::to_string(n % 3)));
    guest.send("<presence to='" + base + "steady'/>");
    guest.expect("<presence");
  }
  stop = true;
  sender.join();
}

TEST_F(Cores, a_monitor_on_one_loop_sees_what_passes_on_the_other) {
  Plain monitor(*server_, one_);
  ASSERT_TRUE(monitor.login("monitor"));
  monitor.send(
      "<iq type='set' id='tap' to='localhost'><start xmlns='urn:xbus:monitor:0' "
      "kinds='message'/></iq>");
  ASSERT_TRUE(monitor.expect("<started"));
  const std::string base = account() + "@localhost/";
  constexpr int senders = 4, messages = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i) {
    threads.emplace_back([&, i] {
      Plain sender(*server_, i % 2 ? one_ : two_), receiver(*server_, i % 2 ? two_ : one_);
      const std::string name = "sender" + std::to_string(i);
      if (!sender.login(name) || !receiver.login(name + "to")) return;
      for (int n = 0; n < messages; ++n) {
        const std::string id = name + "-" + std::to_string(n);
        sender.send("<message id='" + id + "' to='" + base + name + "to'/>");
        receiver.expect("id='" + id + "'");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  monitor.send("<iq type='set' id='end' to='localhost'><stop xmlns='urn:xbus:monitor:0'/></iq>");
  EXPECT_TRUE(monitor.expect("shown='" + std::to_string(senders * messages) + "' missed='0'"));
}

TEST_F(Cores, a_resource_is_taken_over_from_the_other_loop) {
  Plain old(*server_, one_);
  ASSERT_TRUE(old.login("same"));
  Plain newer(*server_, two_);
  ASSERT_TRUE(newer.login("same"));
  EXPECT_TRUE(old.expect("<conflict"));
}

}  // namespace
}  // namespace xbus::server
