// The client over real sockets: a unix path, TCP in clear on loopback, STARTTLS and direct TLS.
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "bus/client/client.hpp"
#include "bus/net/io_loop.hpp"
#include "bus/net/listener.hpp"
#include "bus/net/make_ca.hpp"
#include "bus/net/socket.hpp"
#include "bus/net/timer.hpp"
#include "bus/net/tls.hpp"
#include "bus/xmpp/ping.hpp"
#include "bus/xmpp/stanza.hpp"
#include "tests/bus/client/test_server.hpp"

namespace xbus::client {
namespace {

using namespace std::chrono_literals;
using Login = Result<xmpp::Jid, xmpp::LoginError>;
using Tls = xmpp::ServerStreamOptions::Tls;

struct RealConnection : testing::Test {
  RealConnection() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    server.on_stanza = [this](const xml::Element& stanza) {
      if (stanza.name() == "iq") server.send(xmpp::result_for(stanza).set("from", "bus.example"));
    };
  }
  ~RealConnection() override { std::filesystem::remove_all(folder); }

  std::string listen_tcp() {
    listeners.push_back(std::move(*net::Listener::on_address(
        loop, *net::SocketAddress::ip("127.0.0.1", 0),
        [this](net::Descriptor socket, net::PeerAddress peer) {
          server.take(net::make_socket(loop, std::move(socket), std::move(peer)));
        })));
    return listeners.back()->address().text();
  }
  std::string listen_unix() {
    auto path = folder + "/socket";
    listeners.push_back(std::move(*net::Listener::on_path(
        loop, path, 0600, [this](net::Descriptor socket, net::PeerAddress peer) {
          server.take(net::make_socket(loop, std::move(socket), std::move(peer)));
        })));
    return "unix:" + path;
  }
  net::MadeCa with_tls() {
    auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    auto made = net::make_ca(folder + "/tls", "bus.example", now);
    EXPECT_TRUE(made);
    server.tls = *net::TlsContext::server({made->certificate_file, made->key_file, {}});
    server.options.tls = Tls::required;
    server.options.external_by_uid = false;
    return *made;
  }
  Options with_password(std::string address) {
    Options options;
    options.address = std::move(address);
    options.domain = "bus.example";
    options.account = "juliet";
    options.password = "secret";
    options.reconnect = false;
    return options;
  }
  Login login(const Options& options) {
    client = std::make_unique<Client>(loop, options);
    auto result = collect(client->connect());
    EXPECT_TRUE(loop.run_until([&] { return result->has_value(); }, 15s));
    return result->value_or(Login(Err{xmpp::LoginError{}}));
  }
  void ping() {
    auto answer = collect(client->request(*xmpp::Jid::parse("bus.example"), "get", xmpp::ping()));
    EXPECT_TRUE(loop.run_until([&] { return answer->has_value(); }, 5s));
    ASSERT_TRUE(answer->has_value());
    EXPECT_EQ((**answer).kind, Answer::Kind::result);
  }
  void close() {
    auto closed = collect(client->close());
    EXPECT_TRUE(loop.run_until([&] { return *closed; }, 5s));
  }

  std::string folder = "/tmp/xbus-client-XXXXXX";
  net::IoLoop loop;
  TestServer server{loop};
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::unique_ptr<Client> client;
};

TEST_F(RealConnection, CORE_17_the_address_in_the_environment_says_which_domain_is_asked_for) {
  ::setenv("XBUS_BUS", "xmpps://alice@bus.example.org", 1);
  const Client far(loop, {});
  ::setenv("XBUS_BUS", "xmpps://127.0.0.1:5223", 1);
  const Client near(loop, {});
  const Client named(loop, {.address = "xmpps://other.example.org"});
  ::unsetenv("XBUS_BUS");
  const Client nowhere(loop, {});
  EXPECT_EQ(far.domain(), "bus.example.org");
  EXPECT_EQ(near.domain(), "localhost");
  EXPECT_EQ(named.domain(), "other.example.org");
  EXPECT_EQ(nowhere.domain(), "localhost");
}

TEST_F(RealConnection, over_a_unix_socket_without_a_password) {
  Options options;
  options.address = listen_unix();
  options.domain = "bus.example";
  auto jid = login(options);
  ASSERT_TRUE(jid) << jid.error().text;
  EXPECT_EQ(jid->local(), "juliet");
  ping();
  close();
}

TEST_F(RealConnection, the_loop_goes_on_while_a_password_is_hashed) {
  server.options.tls = Tls::off;
  server.options.external_by_uid = false;
  server.options.mechanisms = {"SCRAM-SHA-256"};
  server.keys = xmpp::make_scram_keys("secret", "0123456789abcdef", limits::scram_iterations_max,
                                      xmpp::ScramHash::sha256);
  Duration longest{};
  Time last = loop.now();
  net::Timer tick(loop);
  std::function<void()> note = [&] {
    longest = std::max(longest, Duration(loop.now() - last));
    last = loop.now();
    tick.start(1ms, note);
  };
  note();
  const Time begun = loop.now();
  auto jid = login(with_password("tcp://" + listen_tcp()));
  ASSERT_TRUE(jid) << jid.error().text;
  const Duration whole = loop.now() - begun;
  EXPECT_LT(longest, whole / 2) << "the hashing held the loop up";
}

TEST_F(RealConnection, stream_tcp_binding_in_clear_on_loopback) {
  server.options.tls = Tls::off;
  server.options.external_by_uid = false;
  auto jid = login(with_password("tcp://" + listen_tcp()));
  ASSERT_TRUE(jid) << jid.error().text;
  ping();
  close();
}

TEST_F(RealConnection, CORE_17_over_starttls_by_ca_and_by_pin) {
  auto made = with_tls();
  auto options = with_password("xmpp://" + listen_tcp());
  options.ca_file = made.ca_file;
  auto by_ca = login(options);
  ASSERT_TRUE(by_ca) << by_ca.error().text;
  ping();
  close();
  options.ca_file.clear();
  options.pin = made.fingerprint;
  auto by_pin = login(options);
  ASSERT_TRUE(by_pin) << by_pin.error().text;
  options.pin = std::string(64, '0');
  auto refused = login(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, xmpp::LoginError::Kind::untrusted);
  options.pin.clear();
  auto by_system = login(options);
  ASSERT_FALSE(by_system);
  EXPECT_EQ(by_system.error().kind, xmpp::LoginError::Kind::untrusted);
}

TEST_F(RealConnection, over_direct_tls) {
  auto made = with_tls();
  server.direct_tls = true;
  server.options.tls = Tls::done;
  auto options = with_password("xmpps://" + listen_tcp());
  options.ca_file = made.ca_file;
  auto jid = login(options);
  ASSERT_TRUE(jid) << jid.error().text;
  ping();
  close();
}

TEST_F(RealConnection, an_untrusted_certificate_is_final_although_reconnecting) {
  with_tls();
  auto options = with_password("xmpp://" + listen_tcp());
  options.reconnect = true;
  auto refused = login(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, xmpp::LoginError::Kind::untrusted);
  EXPECT_EQ(client->state(), State::closed);
}

TEST_F(RealConnection, nobody_there) {
  auto refused = login(with_password("unix:" + folder + "/nobody"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, xmpp::LoginError::Kind::unreachable);
  EXPECT_NE(refused.error().text.find("/nobody"), std::string::npos) << refused.error().text;
  auto address = login(with_password("nonsense"));
  ASSERT_FALSE(address);
  EXPECT_NE(address.error().text.find("no address of a bus"), std::string::npos);
}

TEST_F(RealConnection, CORE_10_see_other_host_is_followed_to_the_same_domain) {
  server.options.tls = Tls::off;
  server.options.external_by_uid = false;
  // The first listener sends everybody to the second.
  auto there = listen_tcp();
  struct Redirect final : net::Transport::Handler {
    void on_data(std::string_view) override {
      transport->write_one(
          "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams' id='1' from='bus.example' version='1.0'><stream:error>"
          "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" +
          to + "</see-other-host></stream:error></stream:stream>");
      ++count;
      transport->close();
    }
    void on_writable() override {}
    void on_secured(const net::TlsFacts&) override {}
    void on_closed(net::CloseReason, std::string_view) override {}
    std::unique_ptr<net::Transport> transport;
    std::string to;
    int count = 0;
  };
  std::vector<std::unique_ptr<Redirect>> redirects;
  auto to = there;
  auto first = net::Listener::on_address(loop, *net::SocketAddress::ip("127.0.0.1", 0),
                                         [&](net::Descriptor socket, net::PeerAddress peer) {
                                           auto& it = *redirects.emplace_back(std::make_unique<Redirect>());
                                           it.to = to;
                                           it.transport = net::make_socket(loop, std::move(socket), std::move(peer));
                                           it.transport->start(it);
                                         });
  ASSERT_TRUE(first);
  auto jid = login(with_password("tcp://" + (*first)->address().text()));
  ASSERT_TRUE(jid) << jid.error().text;
  ping();
  // In a circle it ends after a few hops.
  to = (*first)->address().text();
  redirects.clear();
  auto lost = login(with_password("tcp://" + (*first)->address().text()));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, xmpp::LoginError::Kind::see_other_host);
  EXPECT_EQ(redirects.size(), limits::see_other_host_hops_max + 1);
}

}  // namespace
}  // namespace xbus::client
