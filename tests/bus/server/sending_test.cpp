// How much an account may send: beyond its rate its connections are left unread for a while, and
// nothing is lost.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

std::string messages(size_t count, std::string_view id = "m") {
  std::string all;
  for (size_t i = 0; i < count; ++i)
    all += "<message to='bob@localhost/b' id='" + std::string(id) + "'/>";
  return all;
}

TEST(Sending, stanzas_per_second_max_is_kept_by_not_reading) {
  Options options;
  options.stanzas_per_second_max = 100;
  Bus bus(options);
  Actor ann(bus, "ann"), bob(bus, "bob"), carol(bus, "carol");
  ann.login("a");
  bob.login("b");
  carol.login("c");
  bus.loop.advance(2s);
  ann.send(messages(100));
  ann.send(messages(1));  // the burst is used up: one too many is read and waited for
  EXPECT_EQ(bob.stanzas().size(), 101u);
  ann.send(messages(300));
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  carol.send(messages(1));
  EXPECT_EQ(bob.stanzas().size(), 1u);  // others are as they were
  bus.loop.advance(10ms);
  EXPECT_EQ(bob.stanzas().size(), 300u);
  ann.send(messages(1));
  bus.loop.advance(2990ms);
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  bus.loop.advance(10ms);
  EXPECT_EQ(bob.stanzas().size(), 1u);
}

TEST(Sending, bytes_per_second_max_is_kept_by_not_reading) {
  Options options;
  options.bytes_per_second_max = 50'000;
  Bus bus(options);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bus.loop.advance(10s);
  std::string big =
      "<message to='bob@localhost/b'><body>" + std::string(40'000, 'x') + "</body></message>";
  ann.send(big);
  ann.send(big);
  EXPECT_EQ(bob.stanzas().size(), 2u);
  ann.send(messages(1));
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  bus.loop.advance(1s);
  EXPECT_EQ(bob.stanzas().size(), 1u);
}

TEST(Sending, connections_of_an_account_share_its_rate) {
  Options options;
  options.stanzas_per_second_max = 100;
  Bus bus(options);
  Actor flood(bus, "ann"), modest(bus, "ann"), bob(bus, "bob");
  flood.login("flood");
  modest.login("modest");
  bob.login("b");
  bus.loop.advance(2s);
  // The flood has more to say whenever it is read, the other a word now and then.
  constexpr size_t each = 500;
  std::string chunk = messages(each, "flood");
  size_t flooded = 0;
  flood.send(chunk);
  for (int second = 0; second < 60; ++second) {
    modest.send(messages(10, "modest"));
    size_t said = 0, before = flooded;
    for (const xml::Element& stanza : bob.stanzas())
      ++(stanza.attr_or("id", "") == "flood" ? flooded : said);
    EXPECT_EQ(said, 10u);  // at once
    bus.loop.advance(1s);
    for (const xml::Element& stanza : bob.stanzas())
      flooded += stanza.attr_or("id", "") == "flood";
    if (flooded != before) flood.send(chunk);
  }
  // The account as a whole keeps to its rate, but for a burst and a read, and uses it.
  EXPECT_LE(flooded, 60u * (100 - 10) + 100 + 2 * each);
  EXPECT_GE(flooded, 60u * (100 - 10) - 2 * each);
}

TEST(Sending, what_goes_to_many_is_paid_for_each_and_others_do_not_wait) {
  constexpr size_t sessions = 20, each = 100;
  Options options;
  options.stanzas_per_second_max = 1000;
  Bus bus(options);
  std::vector<std::unique_ptr<Actor>> crowd;
  for (size_t i = 0; i < sessions; ++i) {
    crowd.push_back(std::make_unique<Actor>(bus, "ann"));
    crowd.back()->login("r" + std::to_string(i));
    crowd.back()->send("<presence/>");
  }
  Actor bob(bus, "bob"), carol(bus, "carol");
  bob.login("b");
  carol.login("c");
  bus.loop.advance(5s);
  const auto came = [&] {
    size_t stanzas = 0;
    for (const auto& one : crowd) stanzas += one->stanzas().size();
    return stanzas;
  };
  came();
  std::string flood;
  for (size_t i = 0; i < each; ++i) flood += "<presence/>";
  for (const auto& one : crowd) one->send(flood);
  // The burst and one read: none of the others is looked at.
  size_t all = came();
  EXPECT_EQ(all, sessions * each);
  carol.send(messages(1));
  EXPECT_EQ(bob.stanzas().size(), 1u);
  bus.loop.advance(1s);
  all += came();
  EXPECT_LE(all, 3 * sessions * each);
  for (int second = 0; second < 60; ++second) {
    bus.loop.advance(1s);
    all += came();
  }
  EXPECT_EQ(all, sessions * sessions * each);
}

TEST(Sending, zero_is_no_bound) {
  Options options;
  options.stanzas_per_second_max = 0;
  options.bytes_per_second_max = 0;
  Bus bus(options);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  for (int i = 0; i < 100; ++i) {
    ann.send(messages(1000));
    ASSERT_EQ(bob.stanzas().size(), 1000u);
  }
}

TEST(Sending, what_is_configured_while_it_runs_holds_at_once) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  Options options;
  options.domain = "elsewhere";  // stays as it is
  options.stanzas_per_second_max = 10;
  options.admins = {"ann"};
  bus.server.configure(options);
  EXPECT_TRUE(bus.server.is_admin(*xmpp::Jid::parse("ann@localhost")));
  bus.loop.advance(2s);
  ann.send(messages(20));
  ann.send(messages(1));
  EXPECT_EQ(bob.stanzas().size(), 20u);
  options.stanzas_per_second_max = 0;
  bus.server.configure(options);
  bus.loop.advance(1s);
  EXPECT_EQ(bob.stanzas().size(), 1u);
}

}  // namespace
}  // namespace xbus::server
