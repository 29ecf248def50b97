#include "bus/net/connector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "bus/net/listener.hpp"
#include "tests/bus/net/dns_server.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

TEST(Connector, families_take_turns) {
  auto ip = [](const char* text) { return *SocketAddress::ip(text, 1); };
  auto order = interleaved({ip("::1"), ip("::2"), ip("::3"), ip("127.0.0.1")});
  std::vector<std::string> texts;
  for (auto& address : order) texts.push_back(address.text());
  EXPECT_EQ(texts, (std::vector<std::string>{"[::1]:1", "127.0.0.1:1", "[::2]:1", "[::3]:1"}));
  EXPECT_TRUE(interleaved({}).empty());
}

class Connecting : public testing::Test {
 protected:
  Connecting() : resolver(loop, {dns.address(), 300ms, 2}) {}

  Result<Connected, std::string> connect(const std::string& address) {
    std::optional<Result<Connected, std::string>> result;
    Connector connector(loop, resolver, *parse_address(address));
    connector.start([&](Result<Connected, std::string> given) { result.emplace(std::move(given)); });
    EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }, 10s));
    if (!result) return Err{std::string("no answer")};
    return std::move(*result);
  }
  std::unique_ptr<Listener> listen(const char* host = "127.0.0.1", uint16_t port = 0) {
    auto listener = Listener::on_address(loop, *SocketAddress::ip(host, port),
                                         [this](Descriptor socket, PeerAddress) {
                                           accepted.push_back(std::move(socket));
                                         });
    EXPECT_TRUE(listener) << listener.error();
    return std::move(*listener);
  }
  // A port that nobody listens on.
  uint16_t closed_port() { return listen()->address().port(); }

  IoLoop loop;
  DnsServer dns{loop};
  Resolver resolver;
  std::vector<Descriptor> accepted;
};

TEST_F(Connecting, CORE_01_stream_fqdn_resolution_srv_leads_to_the_target) {
  auto listener = listen();
  dns.add_srv("_xmpp-client._tcp.bus.example", 10, 5, closed_port(), "one.bus.example");
  dns.add_srv("_xmpps-client._tcp.bus.example", 20, 5, listener->address().port(), "two.bus.example");
  dns.add_a("one.bus.example", "127.0.0.1");
  dns.add_a("two.bus.example", "127.0.0.1");
  auto connected = connect("xmpp://bus.example");
  ASSERT_TRUE(connected) << connected.error();
  EXPECT_TRUE(connected->direct_tls);  // the first target refused, the second is of _xmpps-client
  EXPECT_TRUE(loop.run_until([&] { return accepted.size() == 1; }, 5s));
}

TEST_F(Connecting, CORE_01_nothing_else_is_tried_after_srv) {
  auto listener = listen();
  dns.add_srv("_xmpp-client._tcp.closed.example", 0, 0, 0, ".");
  dns.add_a("closed.example", "127.0.0.1");
  auto refused = connect("xmpp://closed.example");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("no such service"), std::string::npos) << refused.error();
  dns.add_srv("_xmpp-client._tcp.bus.example", 1, 0, closed_port(), "one.bus.example");
  dns.add_a("one.bus.example", "127.0.0.1");
  dns.add_a("bus.example", "127.0.0.1");
  auto before = dns.queries;
  EXPECT_FALSE(connect("xmpp://bus.example"));
  EXPECT_LE(dns.queries - before, 4);  // two SRV, A and AAAA of the target; never of the domain
}

TEST_F(Connecting, stream_fqdn_resolution_without_srv_the_host_itself) {
  dns.add_a("plain.example", "127.0.0.1");
  auto connected = connect("xmpps://plain.example");
  ASSERT_FALSE(connected);  // nobody at 5223 here, and the error says where it was
  EXPECT_NE(connected.error().find("127.0.0.1:5223"), std::string::npos) << connected.error();
  auto unknown = connect("xmpp://unknown.example");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().find("unknown.example"), std::string::npos) << unknown.error();
}

TEST_F(Connecting, a_port_or_an_address_needs_no_srv) {
  auto listener = listen();
  dns.add_a("plain.example", "127.0.0.1");
  auto port = std::to_string(listener->address().port());
  auto by_name = connect("xmpp://plain.example:" + port);
  ASSERT_TRUE(by_name) << by_name.error();
  EXPECT_FALSE(by_name->direct_tls);
  auto queries = dns.queries;
  EXPECT_TRUE(connect("xmpps://127.0.0.1:" + port)->direct_tls);
  EXPECT_TRUE(connect("tcp://127.0.0.1:" + port));
  EXPECT_TRUE(connect("tcp://localhost:" + port));
  EXPECT_EQ(dns.queries, queries);
}

TEST_F(Connecting, happy_eyeballs_go_on_after_250_ms) {
  auto listener = listen();
  auto port = listener->address().port();
  // 192.0.2.0/24 leads nowhere: the attempt hangs or fails, and the next address answers.
  dns.add_a("slow.example", "192.0.2.1");
  dns.add_a("slow.example", "127.0.0.1");
  auto begin = std::chrono::steady_clock::now();
  auto connected = connect("xmpp://slow.example:" + std::to_string(port));
  ASSERT_TRUE(connected) << connected.error();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(Connecting, plain_tcp_only_to_loopback) {
  dns.add_a("far.example", "192.0.2.1");
  auto connected = connect("tcp://far.example:5222");
  ASSERT_FALSE(connected);
  EXPECT_NE(connected.error().find("no loopback address"), std::string::npos) << connected.error();
}

TEST_F(Connecting, a_unix_path_nobody_listens_on) {
  auto connected = connect("unix:/tmp/xbus-nobody/socket");
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error(), "cannot connect to /tmp/xbus-nobody/socket: No such file or directory");
}

TEST_F(Connecting, giving_up_calls_nobody) {
  bool called = false;
  dns.garble([](std::string) { return std::string("x"); });  // nobody answers
  {
    Connector connector(loop, resolver, *parse_address("xmpp://bus.example"));
    connector.start([&](auto) { called = true; });
    loop.run_until([] { return false; }, 5ms);
  }
  loop.run_until([] { return false; }, 100ms);
  {
    Resolver other(loop, {dns.address(), 300ms, 2});
    other.srv("x.example", false, [&](SrvAnswer) { called = true; });
    other.addresses("x.example", 1, [&](auto) { called = true; });
  }
  loop.run_until([] { return false; }, 100ms);
  EXPECT_FALSE(called);
}

TEST_F(Connecting, each_step_is_told) {
  auto listener = listen();
  const auto port = listener->address().port(), closed = closed_port();
  dns.add_srv("_xmpp-client._tcp.bus.example", 1, 0, closed, "one.bus.example");
  dns.add_srv("_xmpp-client._tcp.bus.example", 2, 0, port, "two.bus.example");
  dns.add_srv("_xmpp-client._tcp.bus.example", 3, 0, port, "three.bus.example");
  dns.add_a("two.bus.example", "127.0.0.1");
  dns.add_a("one.bus.example", "127.0.0.1");
  std::vector<ConnectStep> steps;
  std::optional<bool> connected;
  Connector connector(loop, resolver, *parse_address("xmpp://bus.example"));
  connector.on_step([&](const ConnectStep& step) { steps.push_back(step); });
  connector.start([&](Result<Connected, std::string> given) { connected = bool(given); });
  ASSERT_TRUE(loop.run_until([&] { return connected.has_value(); }, 10s));
  EXPECT_TRUE(*connected);
  std::vector<std::string> told;
  for (auto& step : steps) told.push_back((step.done ? "" : "not ") + step.subject);
  const auto at = [](uint16_t number) { return "127.0.0.1:" + std::to_string(number); };
  ASSERT_EQ(steps.size(), 6u);
  std::sort(told.begin(), told.begin() + 2);  // the two lookups are beside each other
  EXPECT_EQ(told, (std::vector<std::string>{"_xmpp-client._tcp.bus.example", "_xmpps-client._tcp.bus.example",
                                            "one.bus.example", "not " + at(closed), "two.bus.example", at(port)}));
  EXPECT_EQ(steps[3].error, ECONNREFUSED);
  EXPECT_EQ(steps[4].found, std::vector{at(port)});
}

TEST_F(Connecting, what_stops_it_is_told_with_its_reason) {
  const auto last = [this](const std::string& address) {
    ConnectStep out;
    bool ended = false;
    Connector connector(loop, resolver, *parse_address(address));
    connector.on_step([&](const ConnectStep& step) { out = step; });
    connector.start([&](const Result<Connected, std::string>& given) { ended = !given; });
    EXPECT_TRUE(loop.run_until([&] { return ended; }, 10s));
    EXPECT_FALSE(out.done);
    return out;
  };
  dns.add_srv("_xmpp-client._tcp.closed.example", 0, 0, 0, ".");
  dns.fail("broken.example");
  EXPECT_EQ(last("xmpp://closed.example").records, SrvAnswer::Kind::refused);
  EXPECT_EQ(last("xmpp://nowhere.example:5222").no_address, NoAddress::Kind::no_such_name);
  EXPECT_EQ(last("xmpp://broken.example:5222").no_address, NoAddress::Kind::no_answer);
  EXPECT_EQ(last("unix:/nowhere/socket").error, ENOENT);
  EXPECT_EQ(last("tcp://192.0.2.1:5222").error, 0);
}

}  // namespace
}  // namespace xbus::net
