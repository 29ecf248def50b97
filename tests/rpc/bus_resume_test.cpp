// Calls over connections that are cut: what calls keeps them, what serves is missed at once (XEP-0198, design D1).
#include <gtest/gtest.h>

#include <optional>

#include "rpc/bus.hpp"
#include "rpc/registry/registry.hpp"
#include "tests/bus/server/cut_wire.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

struct World {
  World() { bus.server.attach("services.localhost", registry); }

  static registry::RegistryOptions options() {
    registry::RegistryOptions out;
    out.names.claim = registry::Claim::first;
    return out;
  }
  // Runs the task to its end.
  template <class T>
  void wait(Task<T> task) {
    bool done = false;
    spawn([](Task<T> inner, bool& out) -> Task<void> {
      (void)co_await std::move(inner);
      out = true;
    }(std::move(task), done));
    ASSERT_TRUE(bus.loop.run_until([&] { return done; }, 60s));
  }
  void wait(Task<void> task) {
    wait([](Task<void> inner) -> Task<bool> {
      co_await std::move(inner);
      co_return true;
    }(std::move(task)));
  }

  std::unique_ptr<store::Store> store = store::make_memory_store();
  registry::Registry registry{options(), *store};  // outlives the server
  server::Bus bus;
};

// One connection over a wire that can be cut.
struct End {
  End(World& w, std::string account) : wire(w.bus, std::move(account)), bus(w.bus.loop, options(), [this] { return wire.connect(); }) {
    w.wait(bus.connect());
  }
  static BusOptions options() {
    BusOptions out;
    out.connection.domain = "localhost";
    return out;
  }
  server::CutWire wire;
  Bus bus;
};

// How one call ends.
Task<void> calling(Remote remote, std::optional<Result<int, Fault>>& out) {
  try {
    auto call = remote.call<int>("m");
    out = co_await std::move(call);
  } catch (const Fault& fault) {
    out = Err{fault};
  }
}

struct BusResume : testing::Test {
  BusResume() { service.method("m", [this]() -> Task<int> { ++runs; co_return co_await answer; }); }
  Service service{"s"};
  Completion<int> answer;
  int runs = 0;
};

TEST_F(BusResume, SM_16_a_call_outlives_its_connection) {
  World world;
  End served(world, "service"), caller(world, "caller");
  world.wait(served.bus.serve(service));
  world.bus.loop.advance(1s);
  std::optional<Result<int, Fault>> outcome;
  spawn(calling(caller.bus.service("s"), outcome));
  world.bus.loop.advance(1s);
  ASSERT_EQ(runs, 1);
  caller.wire.cut();
  world.bus.settle();
  answer.complete(7);
  ASSERT_TRUE(world.bus.loop.run_until([&] { return outcome.has_value(); }, 8s));
  ASSERT_TRUE(outcome->ok()) << outcome->error().what();
  EXPECT_EQ(**outcome, 7);
  EXPECT_EQ(runs, 1);
}

TEST_F(BusResume, SM_21_a_call_of_a_session_that_has_ended_has_no_known_outcome) {
  World world;
  End served(world, "service"), caller(world, "caller");
  world.wait(served.bus.serve(service));
  world.bus.loop.advance(1s);
  std::optional<Result<int, Fault>> before, after;
  CallOptions patient;
  patient.timeout = 20min;
  spawn(calling(caller.bus.service("s").with(patient), before));
  world.bus.loop.advance(1s);
  ASSERT_EQ(runs, 1);
  caller.wire.down = true;
  caller.wire.cut();
  world.bus.settle();
  spawn(calling(caller.bus.service("s").with(patient), after));
  world.bus.loop.advance(limits::resume_time_max + 60s);
  caller.wire.down = false;
  ASSERT_TRUE(world.bus.loop.run_until([&] { return before && after; }, 120s));
  EXPECT_EQ(before->error().kind(), Fault::Kind::lost);
  EXPECT_EQ(after->error().kind(), Fault::Kind::unavailable);
  EXPECT_EQ(runs, 1);
  answer.complete(7);
}

TEST_F(BusResume, SM_10_what_serves_is_missed_at_once) {
  World world;
  End served(world, "service"), caller(world, "caller");
  world.wait(served.bus.serve(service));
  world.bus.loop.advance(5s);
  served.wire.down = true;
  served.wire.cut();
  world.bus.settle();
  std::optional<Result<int, Fault>> outcome;
  spawn(calling(caller.bus.service("s"), outcome));
  world.bus.settle();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().kind(), Fault::Kind::unavailable);
}

}  // namespace
}  // namespace xbus
