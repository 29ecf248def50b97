// Calls through a service's address, over a whole bus: given up, left behind, one-way.
#include <gtest/gtest.h>

#include "rpc/bus.hpp"
#include "rpc/local_bus.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

// A service whose calls hang until they are given up.
struct Hanging {
  Hanging() {
    service.method("hang", [this](Call& call) -> Task<int> {
      ++begun;
      callers.push_back(call.caller);
      call.on_cancel([this] { ++cancelled; });
      const Completion<int> never = hung.emplace_back();
      co_return co_await never;
    });
    service.method("note", [this](Call& call) { noted.push_back(call.caller); });
  }
  ~Hanging() {
    for (const auto& each : hung) each.complete(0);
  }
  Service service{"s"};
  int begun = 0, cancelled = 0;
  std::vector<std::string> callers, noted;
  std::vector<Completion<int>> hung;
};

Task<void> call_hang(Remote remote, std::optional<Fault>& out) {
  try {
    auto calling = remote.call<int>("hang");
    (void)co_await std::move(calling);
  } catch (const Fault& fault) {
    out = fault;
  }
}

TEST(BusDispatch, a_call_through_the_registry_is_given_up_by_its_caller) {
  std::optional<Fault> first, second;
  Hanging hanging;
  LocalBus bus;
  bus.serve(hanging.service);
  Bus& client = bus.connect();
  CallOptions options;
  const Cancel cancel;
  options.cancel = cancel;
  spawn(call_hang(client.entity("s@services.localhost").with(options), first));
  spawn(call_hang(client.entity("s@services.localhost"), second));
  bus.advance(10ms);
  ASSERT_EQ(hanging.begun, 2);
  EXPECT_EQ(hanging.callers.at(0), client.jid().str());
  cancel.cancel();
  bus.advance(10ms);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind(), Fault::Kind::cancelled);
  EXPECT_EQ(hanging.cancelled, 1);
  EXPECT_FALSE(second);
}

TEST(BusDispatch, a_caller_that_goes_away_gives_up_what_it_waits_for) {
  std::optional<Fault> outcome;
  Hanging hanging;
  LocalBus bus;
  bus.serve(hanging.service);
  Bus& client = bus.connect();
  // A watch makes the registry see it leave.
  bus.wait(client.service("s").call<void>("note"));
  spawn(call_hang(client.entity("s@services.localhost"), outcome));
  bus.advance(10ms);
  ASSERT_EQ(hanging.begun, 1);
  bus.drop(client);
  bus.advance(10ms);
  EXPECT_EQ(hanging.cancelled, 1);
}

TEST(BusDispatch, a_one_way_call_arrives_under_the_callers_name) {
  LocalBus bus;
  Hanging hanging;
  bus.serve(hanging.service);
  Bus& client = bus.connect();
  bus.wait(client.entity("s@services.localhost").notify("note"));
  bus.advance(10ms);
  EXPECT_EQ(hanging.noted, std::vector{client.jid().str()});
}

}  // namespace
}  // namespace xbus
