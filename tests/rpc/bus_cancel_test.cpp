// Cancel: wherever a call is when it is given up, its caller is told at once and nothing of it goes on.
#include <gtest/gtest.h>

#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/local_bus.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;

// What a call that has this Cancel ended in.
struct Given {
  explicit Given(Remote remote, CallOptions options = {}) {
    options.cancel = cancel;
    spawn([](Remote from, std::shared_ptr<std::optional<Fault::Kind>> out) -> Task<void> {
      try {
        auto calling = from.call<int>("m");
        (void)co_await std::move(calling);
        *out = Fault::Kind::ok;
      } catch (const Fault& fault) {
        *out = fault.kind();
      }
    }(remote.with(std::move(options)), ended));
  }
  Cancel cancel;
  std::shared_ptr<std::optional<Fault::Kind>> ended = std::make_shared<std::optional<Fault::Kind>>();
};

// A service whose calls hang.
struct Hanging {
  Hanging() {
    service.method("m", [this](Call& call) -> Task<int> {
      call.on_cancel([this] { ++told; });
      const Completion<int> mine = begun.emplace_back();
      co_return co_await mine;
    });
  }
  ~Hanging() {
    for (const auto& each : begun) each.complete(1);
  }
  Service service{"s"};
  std::vector<Completion<int>> begun;
  int told = 0;
};

TEST(BusCancel, at_the_callee_the_handler_is_told_and_its_result_dropped) {
  Hanging hanging;
  LocalBus bus;
  Bus& server = bus.serve(hanging.service);
  Bus& client = bus.connect();
  Given given(client.service("s"));
  bus.advance(10ms);
  ASSERT_EQ(hanging.begun.size(), 1u);
  EXPECT_FALSE(*given.ended);
  given.cancel.cancel();
  EXPECT_EQ(*given.ended, Fault::Kind::cancelled);
  EXPECT_EQ(hanging.told, 0) << "it has not heard yet";
  bus.advance(10ms);
  EXPECT_EQ(hanging.told, 1);
  EXPECT_EQ(server.callee()->counters().cancelled, 1u);
  EXPECT_EQ(server.callee()->running(), 1u);
  hanging.begun[0].complete(1);
  EXPECT_EQ(server.callee()->counters().late, 1u);
  EXPECT_EQ(server.callee()->counters().answered, 0u);
  given.cancel.cancel();
  bus.advance(10ms);
  EXPECT_EQ(server.callee()->counters().cancelled, 1u);
}

TEST(BusCancel, before_it_begins_nothing_is_sent) {
  Hanging hanging;
  LocalBus bus;
  Bus& server = bus.serve(hanging.service);
  Bus& client = bus.connect();
  CallOptions options;
  const Cancel cancel;
  cancel.cancel();
  options.cancel = cancel;
  auto call = [](Remote remote) -> Task<Fault::Kind> {
    try {
      auto calling = remote.call<int>("m");
      (void)co_await std::move(calling);
    } catch (const Fault& fault) {
      co_return fault.kind();
    }
    co_return Fault::Kind::ok;
  };
  EXPECT_EQ(bus.wait(call(client.service("s").with(options))), Fault::Kind::cancelled);
  bus.advance(1s);
  EXPECT_EQ(server.callee()->counters().received, 0u);
}

TEST(BusCancel, while_it_looks_for_the_peer_the_call_is_never_made) {
  LocalBus bus;
  Bus& peer = bus.connect("peer");
  std::optional<xml::Element> asked;
  int calls = 0;
  peer.client().on_iq(xmpp::ns_disco_info, [&](const xml::Element& iq) { asked = iq; });
  peer.client().on_iq(jabber_rpc::ns, [&](const xml::Element&) { ++calls; });
  Bus& client = bus.connect();
  Given given(client.entity(peer.jid().str()));
  bus.advance(10ms);
  ASSERT_TRUE(asked);
  given.cancel.cancel();
  EXPECT_EQ(*given.ended, Fault::Kind::cancelled);
  // The peer says at last what it is.
  peer.client().send(xmpp::result_for(*asked, xmpp::to_element(xmpp::DiscoInfo{})));
  bus.advance(20s);
  EXPECT_EQ(calls, 0);
}

TEST(BusCancel, while_it_waits_to_try_again_there_is_no_next_time) {
  Service late("nobody");
  int runs = 0;
  late.method("m", [&] { return ++runs; });
  LocalBus bus;
  Bus& client = bus.connect();
  CallOptions options;
  options.idempotent = true;
  options.timeout = 1h;
  options.retry = {10, 1min};
  Given given(client.service("nobody"), options);
  bus.advance(10s);
  EXPECT_FALSE(*given.ended);
  given.cancel.cancel();
  EXPECT_EQ(*given.ended, Fault::Kind::cancelled);
  bus.serve(late);
  bus.advance(1h);
  EXPECT_EQ(runs, 0);
}

TEST(BusCancel, one_cancel_ends_calls_on_several_connections) {
  Hanging hanging;
  LocalBus bus;
  bus.serve(hanging.service);
  const Cancel cancel;
  CallOptions options;
  options.cancel = cancel;
  int cancelled = 0;
  for (const char* account : {"a", "b", "c"}) {
    Bus& client = bus.connect(account);
    spawn([](Remote remote, int& out) -> Task<void> {
      try {
        auto calling = remote.call<int>("m");
        (void)co_await std::move(calling);
      } catch (const Fault& fault) {
        out += fault.kind() == Fault::Kind::cancelled;
      }
    }(client.service("s").with(options), cancelled));
  }
  bus.advance(10ms);
  ASSERT_EQ(hanging.begun.size(), 3u);
  cancel.cancel();
  EXPECT_EQ(cancelled, 3);
  bus.advance(10ms);
  EXPECT_EQ(hanging.told, 3);
}

TEST(BusCancel, after_the_answer_it_does_nothing) {
  Hanging hanging;
  LocalBus bus;
  Bus& server = bus.serve(hanging.service);
  Bus& client = bus.connect();
  Given given(client.service("s"));
  bus.advance(10ms);
  hanging.begun[0].complete(1);
  bus.advance(10ms);
  EXPECT_EQ(*given.ended, Fault::Kind::ok);
  given.cancel.cancel();
  bus.advance(1s);
  EXPECT_EQ(hanging.told, 0);
  EXPECT_EQ(server.callee()->counters().cancelled, 0u);
}

}  // namespace
}  // namespace xbus
