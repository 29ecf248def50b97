// LocalBus: a user's own unit test of a service looks like this.
#include "rpc/local_bus.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

using namespace std::chrono_literals;

TEST(LocalBus, a_service_is_tested_in_three_lines) {
  Service greet("greet");
  LocalBus bus;
  greet.method("hello", {"name"}, [](std::string name) { return "hello, " + name; });
  bus.serve(greet);
  EXPECT_EQ((bus.call<std::string>("greet", "hello", "world")), "hello, world");
  try {
    bus.call<std::string>("greet", "goodbye");
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::no_such_method);
  }
}

TEST(LocalBus, the_clock_moves_only_when_told_or_waited_for) {
  LocalBus bus;
  const Time begun = bus.now();
  bus.connect();
  EXPECT_EQ(bus.now(), begun);
  bus.advance(1h);
  EXPECT_EQ(bus.now(), begun + 1h);
}

TEST(LocalBus, waiting_for_what_never_comes_ends) {
  LocalBus bus;
  const Completion<int> never;
  auto wait = [](Completion<int> it) -> Task<int> { co_return co_await it; };
  const Time begun = bus.now();
  try {
    (void)bus.wait(wait(never));
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind(), Fault::Kind::timeout);
  }
  EXPECT_EQ(bus.now(), begun + 1h);
  never.complete(1);
}

TEST(LocalBus, has_a_domain_of_its_own) {
  LocalBus bus("test.example");
  Bus& connection = bus.connect("me");
  EXPECT_EQ(connection.jid().domain(), "test.example");
  EXPECT_EQ(connection.registry_domain(), "services.test.example");
}

}  // namespace
}  // namespace xbus
