// What sessions without a connection may cost, and who pays (SM-11).
#include <gmock/gmock.h>

#include "bus/server/resumption.hpp"
#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// Logs in with a session that may be resumed; what <enabled/> says.
std::string manage(Actor& actor, std::string_view resource) {
  actor.login(resource);
  actor.bytes();
  actor.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  return actor.bytes();
}

struct World {
  explicit World(Options options = {}) : bus(options), bob(bus, "bob") { bob.login("b"); }
  // A session of that account that has lost its connection.
  void lose(std::string_view local, std::string_view resource) {
    Actor actor(bus, std::string(local));
    manage(actor, resource);
    actor.hang_up();
    bus.settle();
  }
  // Whether there is such a session: what is sent to it waits.
  bool there(const std::string& full) { return refused(full, 0) == ""; }
  // How a request of so many bytes to it is refused; empty: it is taken.
  std::string refused(const std::string& full, size_t bytes) {
    bob.send("<iq type='get' to='" + full + "' id='1'><q xmlns='urn:q'>" + std::string(bytes, 'x') + "</q></iq>");
    const auto got = bob.stanzas();
    return got.empty() ? "" : condition_of(got[0]);
  }
  // How many requests of that size it takes.
  size_t takes(const std::string& full, size_t bytes) {
    for (size_t count = 0; count < 1000; ++count)
      if (refused(full, bytes) == "resource-constraint") return count;
    return 1000;
  }
  Bus bus;
  Actor bob;
};

TEST(ResumptionLimits, SM_11_resumable_sessions_max_and_those_of_one_account) {
  Options options;
  options.resumable_sessions_max = 3;
  options.resumable_sessions_per_account_max = 2;
  World world(options);
  for (const char* resource : {"1", "2", "3"}) world.lose("ann", resource);
  EXPECT_TRUE(world.there("ann@localhost/1"));
  EXPECT_TRUE(world.there("ann@localhost/2"));
  EXPECT_FALSE(world.there("ann@localhost/3"));
  world.lose("eve", "1");
  world.lose("joe", "1");
  EXPECT_TRUE(world.there("eve@localhost/1"));
  EXPECT_FALSE(world.there("joe@localhost/1"));
  // Whose time is over leaves room.
  world.bus.loop.advance(options.resume_time_max + 2s);
  world.bob.forget();  // what had waited has come back
  world.lose("ann", "4");
  world.lose("ann", "5");
  EXPECT_TRUE(world.there("ann@localhost/5"));
}

TEST(ResumptionLimits, SM_11_unacked_stanzas_max) {
  Options options;
  options.unacked_stanzas_max = 100;
  World world(options);
  world.lose("ann", "a");
  EXPECT_EQ(world.takes("ann@localhost/a", 10), 100u);
}

TEST(ResumptionLimits, SM_11_unacked_bytes_max) {
  Options options;
  options.unacked_bytes_max = 50'000;
  World world(options);
  world.lose("ann", "a");
  const size_t taken = world.takes("ann@localhost/a", 1000);
  EXPECT_GT(taken, 50'000u / 1200);
  EXPECT_LE(taken, 50u);
}

// One session that nobody comes back for leaves its account's others room, and frees what it held when it ends.
TEST(ResumptionLimits, SM_11_what_waits_is_charged_to_the_account_and_shared_fairly) {
  Options options;
  options.queue_bytes_per_account_max = 1'000'000;
  World world(options);
  world.lose("ann", "a");
  const size_t first = world.takes("ann@localhost/a", 50'000);
  EXPECT_GE(first, 8u);
  EXPECT_LE(first, 20u);  // no more than the account may hold, though a session might
  Actor other(world.bus, "ann");
  other.login("b");
  other.stop_reading();
  const size_t second = world.takes("ann@localhost/b", 50'000);
  EXPECT_GE(second, 3u);
  EXPECT_LE((first + second) * 50'000, options.queue_bytes_per_account_max);
  // More sessions buy nothing.
  world.lose("ann", "c");
  const size_t third = world.takes("ann@localhost/c", 50'000);
  EXPECT_LE((first + second + third) * 50'000, options.queue_bytes_per_account_max);
  // Another account has its own.
  world.lose("eve", "a");
  EXPECT_EQ(world.takes("eve@localhost/a", 50'000), first);
  other.hang_up();
  world.bus.loop.advance(options.resume_time_max + 2s);
  world.lose("ann", "d");
  EXPECT_EQ(world.takes("ann@localhost/d", 50'000), first);
}

TEST(ResumptionLimits, SM_03_what_is_configured_while_it_runs_holds_for_what_begins) {
  Options options;
  World world(options);
  Actor before(world.bus, "ann");
  EXPECT_THAT(manage(before, "1"), HasSubstr("max='300'"));
  options.resume_time_max = 60s;
  options.unacked_stanzas_max = 64;
  options.resumable_sessions_per_account_max = 2;
  world.bus.server.configure(options);
  Actor after(world.bus, "ann");
  EXPECT_THAT(manage(after, "2"), HasSubstr("max='60'"));
  after.hang_up();
  before.hang_up();
  world.bus.settle();
  EXPECT_EQ(world.takes("ann@localhost/2", 10), 64u);
  EXPECT_EQ(world.takes("ann@localhost/1", 10), 1000u);
  world.lose("ann", "3");
  EXPECT_FALSE(world.there("ann@localhost/3"));
  options.resume_time_max = 0s;
  world.bus.server.configure(options);
  Actor none(world.bus, "eve");
  EXPECT_THAT(manage(none, "1"), Not(HasSubstr("id=")));
}

}  // namespace
}  // namespace xbus::server
