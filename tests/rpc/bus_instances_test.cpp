// A service with several instances: who gets the calls, and what becomes of them.
#include <gtest/gtest.h>

#include <set>

#include "bus/net/timer.hpp"
#include "rpc/bus.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/local_bus.hpp"
#include "tests/rpc/calc_service.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using namespace calc_service;
using registry::InstanceState;

TEST(BusInstances, calls_are_spread_over_instances) {
  Service a("s"), b("s"), c("s");
  LocalBus bus;
  int calls[3] = {};
  int i = 0;
  for (Service* service : {&a, &b, &c}) {
    service->method("m", [&calls, i] { ++calls[i]; });
    ++i;
    bus.serve(*service);
  }
  Bus& client = bus.connect();
  for (int n = 0; n < 300; ++n) bus.wait(client.service("s").call<void>("m"));
  for (const int count : calls) EXPECT_GT(count, 50);
}

TEST(BusInstances, a_new_instance_gets_calls_from_its_first_presence_on) {
  Service old("s"), fresh("s");
  LocalBus bus;
  old.method("m", [] { return 1; });
  fresh.method("m", [] { return 2; });
  Bus& first = bus.serve(old);
  Bus& client = bus.connect();
  EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 1);
  bus.serve(fresh);
  bus.advance(10ms);
  std::set<int> seen;
  for (int n = 0; n < 50; ++n) seen.insert(bus.wait(client.service("s").call<int>("m")));
  EXPECT_EQ(seen, (std::set<int>{1, 2}));
  bus.drop(first);
  bus.advance(10ms);
  for (int n = 0; n < 50; ++n) EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 2);
}

TEST(BusInstances, of_three_under_load_only_the_calls_of_the_killed_one_fail) {
  Service services[3] = {Service("s"), Service("s"), Service("s")};
  LocalBus bus;
  Bus* killed = nullptr;
  for (Service& service : services) {
    service.method("m", [&bus]() -> Task<int> {
      net::Timer timer(bus.loop());
      const Completion<int> later;
      timer.start(20ms, [later] { later.complete(1); });
      co_return co_await later;
    });
    killed = &bus.serve(service);
  }
  Bus& client = bus.connect();
  EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 1);
  int answered = 0, lost = 0, other = 0;
  const auto call = [&](Bus& from) {
    spawn([](Remote remote, int& good, int& gone, int& bad) -> Task<void> {
      try {
        auto calling = remote.call<int>("m");
        (void)co_await std::move(calling);
        ++good;
      } catch (const Fault& fault) {
        ++(fault.kind() == Fault::Kind::lost ? gone : bad);
      }
    }(from.service("s"), answered, lost, other));
  };
  for (int i = 0; i < 1000; ++i) {
    call(client);
    if (i == 500) bus.drop(*killed);
    bus.advance(1ms);
  }
  bus.advance(1s);
  EXPECT_EQ(answered + lost, 1000);
  EXPECT_EQ(other, 0);
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, 20);
}

TEST(BusInstances, an_instance_is_asked_for_by_its_id) {
  Service a("s"), b("s");
  LocalBus bus;
  a.method("m", [] { return 1; });
  b.method("m", [] { return 2; });
  BusOptions here;
  here.connection.resource = "host-a";
  Bus& at = bus.connect("service", here);
  bus.wait(at.serve(a));
  bus.serve(b);
  Bus& client = bus.connect();
  CallOptions options;
  options.instance = "host-a";
  for (int n = 0; n < 20; ++n) EXPECT_EQ(bus.wait(client.service("s").with(options).call<int>("m")), 1);
  options.instance = "host-z";
  EXPECT_EQ(kind_of(bus, client.service("s").with(options).call<int>("m")), Fault::Kind::unavailable);
}

TEST(BusInstances, a_leaving_instance_gets_no_calls_and_a_full_one_when_there_is_no_other) {
  Service service("s");
  LocalBus bus;
  service.method("m", [] { return 1; });
  Bus& server = bus.serve(service);
  Bus& client = bus.connect();
  EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 1);
  server.set_state(InstanceState::dnd);
  bus.advance(10ms);
  EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 1);
  Service second("s");
  second.method("m", [] { return 2; });
  Bus& another = bus.serve(second);
  bus.advance(10ms);
  for (int n = 0; n < 20; ++n) EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 2);
  bus.drop(another);
  bus.advance(10ms);
  server.set_state(InstanceState::away);
  bus.advance(10ms);
  EXPECT_EQ(kind_of(bus, client.service("s").call<int>("m")), Fault::Kind::unavailable);
  server.set_state(InstanceState::available);
  bus.advance(10ms);
  EXPECT_EQ(bus.wait(client.service("s").call<int>("m")), 1);
}

}  // namespace
}  // namespace xbus
