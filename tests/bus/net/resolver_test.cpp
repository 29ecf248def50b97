#include "bus/net/resolver.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/bus/net/dns_server.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;
using Kind = SrvAnswer::Kind;

class Names : public testing::Test {
 protected:
  Names() : resolver(loop, {dns.address(), 300ms, 2}) {}

  SrvAnswer srv(const std::string& name) {
    std::optional<SrvAnswer> answer;
    resolver.srv(name, false, [&](SrvAnswer given) { answer = std::move(given); });
    EXPECT_FALSE(answer);
    EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }, 10s));
    return answer.value_or(SrvAnswer{});
  }
  IoLoop loop;
  DnsServer dns{loop};
  Resolver resolver;
};

TEST_F(Names, CORE_01_srv_answers_of_each_kind) {
  dns.add_srv("_xmpp-client._tcp.bus.example", 10, 5, 5222, "one.bus.example");
  dns.add_srv("_xmpp-client._tcp.bus.example", 20, 0, 5223, "two.bus.example");
  dns.add_srv("_xmpp-client._tcp.closed.example", 0, 0, 0, ".");
  dns.add_a("empty.example", "192.0.2.1");
  dns.fail("broken.example");
  auto found = srv("_xmpp-client._tcp.bus.example");
  EXPECT_EQ(found.kind, Kind::found);
  ASSERT_EQ(found.targets.size(), 2u);
  EXPECT_EQ(found.targets[0], (SrvTarget{"one.bus.example", 5222, 10, 5, false}));
  EXPECT_EQ(srv("_xmpp-client._tcp.closed.example").kind, Kind::refused);
  EXPECT_EQ(srv("nowhere.example").kind, Kind::none);
  EXPECT_EQ(srv("empty.example").kind, Kind::none);
  EXPECT_EQ(srv("broken.example").kind, Kind::failed);
}

TEST_F(Names, broken_answers_are_no_answers) {
  dns.add_srv("_xmpp-client._tcp.bus.example", 10, 5, 5222, "one.bus.example");
  dns.garble([](std::string answer) { return answer.substr(0, answer.size() - 5); });
  EXPECT_NE(srv("_xmpp-client._tcp.bus.example").kind, Kind::found);
  dns.garble([](std::string answer) {
    answer[answer.size() - 17] = char(0xc0);  // a compressed name that points at itself
    return answer;
  });
  EXPECT_NE(srv("_xmpp-client._tcp.bus.example").kind, Kind::found);
}

TEST_F(Names, a_silent_server_ends_in_failure) {
  dns.garble([](std::string) { return std::string("x"); });
  EXPECT_EQ(srv("_xmpp-client._tcp.bus.example").kind, Kind::failed);
}

TEST_F(Names, why_there_is_no_address_is_told_in_plain_words) {
  const auto why = [this](const std::string& host) {
    std::optional<Resolver::Addresses> answer;
    resolver.addresses(host, 1, [&](Resolver::Addresses given) { answer = std::move(given); });
    EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }, 10s));
    return answer && !*answer ? answer->error().text : "found";
  };
  dns.fail("broken.example");
  EXPECT_TRUE(why("nowhere.example").starts_with("there is no host nowhere.example (")) << why("nowhere.example");
  EXPECT_TRUE(why("broken.example").starts_with("no name server answers for broken.example (")) << why("broken.example");
  EXPECT_TRUE(why(std::string(70, 'x')).starts_with("there is no host " + std::string(70, 'x')));
}

}  // namespace
}  // namespace xbus::net
