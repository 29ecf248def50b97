// What waits for an entity inside the server is bounded in bytes, charged to its sender, and in
// number.
#include "bus/server/entity_host.hpp"

#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string request(std::string_view id, size_t size, std::string_view stamp) {
  std::string head =
      "<iq type='set' id='" + std::string(id) + "' to='e.localhost'><q xmlns='u'>";
  std::string tail = "</q></iq>";
  return head + std::string(size - stamp.size() - head.size() - tail.size(), 'x') + tail;
}

TEST(EntityHost, queue_bytes_are_charged_to_the_sender) {
  ListeningEntity entity;
  Options options;
  options.queue_bytes_per_account_max = 100'000;  // half of it for whoever comes first
  Bus bus(options);
  bus.server.attach("e.localhost", entity);
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  constexpr std::string_view stamp = " from='ann@localhost/a'";
  // All at once, before the entity has had its turn: five fill the half exactly.
  std::string all;
  for (int i = 1; i <= 5; ++i) all += request(std::to_string(i), 10'000, stamp);
  ann.put(all + request("over", 10'000, stamp));
  bob.put(request("bob", 10'000, " from='bob@localhost/b'"));
  bus.settle();
  ASSERT_EQ(entity.got.size(), 6u);
  // They take turns, and each one's stanzas come in order.
  std::vector<std::string> ids;
  for (const xml::Element& got : entity.got) ids.emplace_back(got.attr_or("id", ""));
  EXPECT_THAT(ids, ElementsAre("1", "bob", "2", "3", "4", "5"));
  auto got = ann.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].attr_or("id", ""), "over");
  EXPECT_EQ(condition_of(got[0]), "resource-constraint");
  EXPECT_EQ(got[0].first("error", xml::ns_client)->attr_or("type", ""), "wait");
  EXPECT_THAT(bob.stanzas(), IsEmpty());
  // The entity has taken them: there is room for as much again, and more often than once.
  for (int round = 0; round < 3; ++round) {
    ann.send(all);
    EXPECT_THAT(ann.stanzas(), IsEmpty());
  }
  EXPECT_EQ(entity.got.size(), 6u + 3 * 5);
}

TEST(EntityHost, one_byte_beyond_the_share_is_refused) {
  for (bool beyond : {false, true}) {
    ListeningEntity entity;
    Options options;
    options.queue_bytes_per_account_max = 40'000;
    Bus bus(options);
    bus.server.attach("e.localhost", entity);
    Actor ann(bus, "ann");
    ann.login("a");
    ann.send(request("1", 20'000 + (beyond ? 1 : 0), " from='ann@localhost/a'"));
    EXPECT_EQ(entity.got.size(), beyond ? 0u : 1u);
    auto got = ann.stanzas();
    ASSERT_EQ(got.size(), beyond ? 1u : 0u);
    for (const xml::Element& error : got) EXPECT_EQ(condition_of(error), "resource-constraint");
  }
}

TEST(EntityHost, entity_queue_stanzas_max) {
  ListeningEntity entity;
  Bus bus;
  bus.server.attach("e", entity);
  // One read of each of many connections comes before the entity's turn.
  constexpr size_t each = 1024;
  static_assert(limits::entity_queue_stanzas_max % each == 0);
  std::vector<std::unique_ptr<Actor>> all;
  for (size_t i = 0; i < limits::entity_queue_stanzas_max / each; ++i) {
    all.push_back(std::make_unique<Actor>(bus, "ann"));
    all.back()->login(std::to_string(i));
  }
  Actor over(bus, "bob");
  over.login("b");
  std::string one = "<iq type='get' id='1' to='e'><q xmlns='u'/></iq>", many;
  for (size_t i = 0; i < each; ++i) many += one;
  ASSERT_LT(many.size(), 64u * 1024);
  for (auto& actor : all) actor->put(many);
  over.put(one);
  bus.settle();
  EXPECT_EQ(entity.got.size(), limits::entity_queue_stanzas_max);
  auto got = over.stanzas();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(condition_of(got[0]), "resource-constraint");
  over.send(one);
  EXPECT_THAT(over.stanzas(), IsEmpty());
  EXPECT_EQ(entity.got.size(), limits::entity_queue_stanzas_max + 1);
}

TEST(EntityHost, what_waits_outlives_its_sender) {
  ListeningEntity entity;
  Bus bus;
  bus.server.attach("e.localhost", entity);
  {
    Actor ann(bus, "ann");
    ann.login("a");
    ann.put("<message to='e.localhost'><body>last words</body></message></stream:stream>");
  }
  bus.settle();
  ASSERT_EQ(entity.got.size(), 1u);
  EXPECT_EQ(entity.got[0].attr_or("from", ""), "ann@localhost/a");
  bus.server.detach("e.localhost");
}

TEST(EntityHost, what_waits_for_one_that_detaches_is_forgotten) {
  ListeningEntity entity;
  Bus bus;
  bus.server.attach("e.localhost", entity);
  Actor ann(bus, "ann");
  ann.login("a");
  struct Leaver final : xmpp::Entity {
    void on_connected(xmpp::EntityPort&) override {}
    void on_disconnected() override {}
    void on_stanza(const xml::Element&) override {
      ++got;
      server->detach("leaver.localhost");
    }
    Server* server = nullptr;
    int got = 0;
  } leaver;
  leaver.server = &bus.server;
  bus.server.attach("leaver.localhost", leaver);
  std::string to_leaver = "<message to='leaver.localhost'/>";
  ann.send(to_leaver + to_leaver + "<message to='e.localhost'/>");
  EXPECT_EQ(leaver.got, 1);
  EXPECT_EQ(entity.got.size(), 1u);
}

}  // namespace
}  // namespace xbus::server
