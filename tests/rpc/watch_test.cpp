// Watching topics: each item once and in order, over lost connections, full queues and topics that forget.
#include "rpc/watch.hpp"

#include <gtest/gtest.h>

#include "rpc/local_bus.hpp"
#include "rpc/registry/registry.hpp"
#include "rpc/topic.hpp"
#include "tests/bus/server/cut_wire.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

// What a watcher hears, as "id=value", and "gap" for a gap.
struct Heard {
  Watch::Handler handler() {
    return [this](WatchItem item) -> Task<void> {
      all.push_back(item.id + "=" + value_of(item.payload).text());
      co_return;
    };
  }
  WatchOptions options(Since since) {
    WatchOptions out;
    out.since = std::move(since);
    out.on_gap = [this](const WatchGap& gap) { all.push_back("gap after " + gap.after); };
    out.on_end = [this](const Fault& fault) { ended = fault.kind(); };
    return out;
  }
  Texts take() { return std::exchange(all, {}); }
  Texts all;
  FaultKind ended = FaultKind::ok;
};

struct WatchTest : testing::Test {
  void publish(int value, std::string id) { bus.wait(topic.publish(Value(value), {.id = std::move(id)})); }
  void settle() { bus.advance(1ms); }

  LocalBus bus;
  Bus& alice = bus.connect("alice");
  Bus& bob = bus.connect("bob");
  Topic topic{alice, "news"};
  Heard heard;
};

TEST_F(WatchTest, a_watch_begins_where_it_is_told) {
  for (int i = 1; i <= 3; ++i) publish(i, "i" + std::to_string(i));
  for (const auto& [since, expected] :
       std::vector<std::pair<Since, Texts>>{{Since::now(), {"i4=4"}},
                                            {Since::all(), {"i1=1", "i2=2", "i3=3", "i4=4"}},
                                            {Since::after("i2"), {"i3=3", "i4=4"}}}) {
    Watch watch(bob, "news", heard.handler(), heard.options(since));
    bus.wait(watch.start());
    publish(4, "i4");
    settle();
    EXPECT_EQ(heard.take(), expected);
    EXPECT_EQ(watch.last(), "i4");
    bus.wait(watch.stop());
    bus.wait(topic.retract("i4"));
  }
}

TEST_F(WatchTest, after_stop_nothing_is_heard_and_the_subscription_is_gone) {
  publish(1, "i1");
  Watch watch(bob, "news", heard.handler(), heard.options(Since::now()));
  bus.wait(watch.start());
  const auto subscribers = [&] {
    for (const auto& [name, value] : bus.wait(topic.metadata()))
      if (name == "pubsub#num_subscribers") return value;
    return std::string("none");
  };
  EXPECT_EQ(subscribers(), "1");
  bus.wait(watch.stop());
  EXPECT_EQ(subscribers(), "0");
  publish(2, "i2");
  settle();
  EXPECT_EQ(heard.take(), Texts{});
}

TEST_F(WatchTest, many_kept_items_come_by_pages_in_order) {
  Texts expected;
  for (int i = 1; i <= 350; ++i) {
    publish(i, "i" + std::to_string(i));
    expected.push_back("i" + std::to_string(i) + "=" + std::to_string(i));
  }
  Watch watch(bob, "news", heard.handler(), heard.options(Since::all()));
  bus.wait(watch.start());
  settle();
  EXPECT_EQ(heard.take(), expected);
}

TEST_F(WatchTest, an_id_is_told_again_with_another_content_and_not_with_the_same_PS_22) {
  publish(1, "state");
  Watch watch(bob, "news", heard.handler(), heard.options(Since::now()));
  bus.wait(watch.start());
  for (const int value : {2, 2, 1, 2}) publish(value, "state");
  settle();
  EXPECT_EQ(heard.take(), (Texts{"state=2", "state=1", "state=2"}));
}

TEST_F(WatchTest, a_topic_that_is_not_there_or_closed_is_a_fault) {
  const auto started = [&](const std::string& name) {
    Watch watch(bob, name, heard.handler(), heard.options(Since::now()));
    try {
      bus.wait(watch.start());
    } catch (const Fault& fault) {
      return fault.kind();
    }
    return FaultKind::ok;
  };
  EXPECT_EQ(started("nothing"), FaultKind::not_found);
  bus.wait(topic.create({.access_model = xmpp::AccessModel::whitelist}));
  EXPECT_EQ(started("news"), FaultKind::forbidden);
}

TEST_F(WatchTest, the_end_of_the_topic_is_told) {
  publish(1, "i1");
  Watch watch(bob, "news", heard.handler(), heard.options(Since::all()));
  bus.wait(watch.start());
  settle();
  bus.wait(topic.remove());
  settle();
  EXPECT_EQ(heard.take(), Texts{"i1=1"});
  EXPECT_EQ(heard.ended, FaultKind::not_found);
}

TEST_F(WatchTest, what_a_handler_throws_ends_the_watch_and_the_item_is_not_told) {
  publish(1, "i1");
  publish(2, "i2");
  Watch watch(bob, "news",
              [](WatchItem item) -> Task<void> {
                if (item.id == "i2") throw Fault(Fault::Kind::busy, "later");
                co_return;
              },
              heard.options(Since::all()));
  bus.wait(watch.start());
  settle();
  EXPECT_EQ(heard.ended, FaultKind::busy);
  EXPECT_EQ(watch.last(), "i1");
}

TEST_F(WatchTest, what_does_not_fit_the_queue_is_fetched_when_there_is_room) {
  publish(0, "i0");
  Texts expected;
  const Completion<bool> go_on;
  Watch watch(bob, "news",
              [&](WatchItem item) -> Task<void> {
                if (item.id == "i1") co_await go_on;
                heard.all.push_back(item.id);
              },
              heard.options(Since::now()));
  bus.wait(watch.start());
  bus.wait(topic.configure({.max_items = 5000}));
  for (int i = 1; i <= 1500; ++i) {
    publish(i, "i" + std::to_string(i));
    expected.push_back("i" + std::to_string(i));
  }
  settle();
  EXPECT_EQ(heard.all, Texts{});
  go_on.complete(true);
  settle();
  EXPECT_EQ(heard.take(), expected);
}

TEST_F(WatchTest, a_topic_that_delivers_no_payloads_is_read) {
  bus.wait(topic.create({.deliver_payloads = false}));
  Watch watch(bob, "news", heard.handler(), heard.options(Since::now()));
  bus.wait(watch.start());
  publish(1, "i1");
  publish(2, "i2");
  settle();
  EXPECT_EQ(heard.take(), (Texts{"i1=1", "i2=2"}));
}

TEST_F(WatchTest, a_topic_that_keeps_nothing_is_heard) {
  bus.wait(topic.create({.persist = false}));
  Watch watch(bob, "news", heard.handler(), heard.options(Since::all()));
  bus.wait(watch.start());
  publish(1, "i1");
  publish(2, "i2");
  settle();
  EXPECT_EQ(heard.take(), (Texts{"i1=1", "i2=2"}));
}

TEST_F(WatchTest, after_a_purge_everything_is_new) {
  publish(1, "i1");
  Watch watch(bob, "news", heard.handler(), heard.options(Since::all()));
  bus.wait(watch.start());
  bus.wait(topic.purge());
  publish(2, "i2");
  settle();
  EXPECT_EQ(heard.take(), (Texts{"i1=1", "i2=2"}));
}

// ---- Over wires that are cut ----

struct World {
  World() {
    bus.server.attach("services.localhost", registry);
    bus.server.serve_topics(
        "events.localhost",
        {.owns = [this](std::string_view name, const xmpp::Jid& who) { return registry.owns_name(name, who); },
         .owned = [this](std::string_view name) { return registry.has_owner(name); },
         .claim = [this](std::string_view name, const xmpp::Jid& who) { return registry.claim_name(name, who); }});
  }
  static registry::RegistryOptions options() {
    registry::RegistryOptions out;
    out.names.claim = registry::Claim::first;
    return out;
  }
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
  bool run_until(const std::function<bool()>& done) { return bus.loop.run_until(done, 120s); }

  std::unique_ptr<store::Store> store = store::make_memory_store();
  registry::Registry registry{options(), *store};
  server::Bus bus;
};

struct End {
  End(World& w, std::string account)
      : wire(w.bus, std::move(account)), bus(w.bus.loop, options(), [this] { return wire.connect(); }) {
    w.wait(bus.connect());
  }
  static BusOptions options() {
    BusOptions out;
    out.connection.domain = "localhost";
    out.resume = false;
    return out;
  }
  server::CutWire wire;
  Bus bus;
};

struct CutWatchTest : testing::Test {
  void publish(int value, std::string id) { world.wait(topic.publish(Value(value), {.id = std::move(id)})); }
  void start() {
    watch.emplace(bob.bus, "news", heard.handler(), heard.options(Since::now()));
    world.wait(watch->start());
  }
  void go_away() {
    bob.wire.down = true;
    bob.wire.cut();
    world.run_until([&] { return bob.bus.client().state() != client::State::online; });
  }
  Texts come_back(size_t items) {
    bob.wire.down = false;
    EXPECT_TRUE(world.run_until([&] { return heard.all.size() >= items; }));
    world.bus.loop.advance(100ms);
    return heard.take();
  }

  World world;
  End alice{world, "alice"}, bob{world, "bob"};
  Topic topic{alice.bus, "news"};
  Heard heard;
  std::optional<Watch> watch;
};

TEST_F(CutWatchTest, what_was_published_meanwhile_is_told_once_and_in_order) {
  publish(1, "i1");
  start();
  publish(2, "i2");
  publish(3, "i3");
  ASSERT_TRUE(world.run_until([&] { return heard.all.size() == 2; }));
  go_away();
  for (int i = 4; i <= 150; ++i) publish(i, "i" + std::to_string(i));
  Texts expected;
  for (int i = 2; i <= 150; ++i) expected.push_back("i" + std::to_string(i) + "=" + std::to_string(i));
  EXPECT_EQ(come_back(149), expected);
  publish(151, "i151");
  ASSERT_TRUE(world.run_until([&] { return !heard.all.empty(); }));
  EXPECT_EQ(heard.take(), Texts{"i151=151"});
}

TEST_F(CutWatchTest, a_topic_that_was_empty_is_read_from_its_first_item) {
  world.wait(topic.create());
  start();
  go_away();
  publish(1, "i1");
  EXPECT_EQ(come_back(1), Texts{"i1=1"});
}

TEST_F(CutWatchTest, items_that_have_made_room_are_a_gap) {
  world.wait(topic.create({.max_items = 3}));
  publish(1, "i1");
  start();
  publish(2, "i2");
  ASSERT_TRUE(world.run_until([&] { return heard.all.size() == 1; }));
  go_away();
  for (int i = 3; i <= 9; ++i) publish(i, "i" + std::to_string(i));
  EXPECT_EQ(come_back(5), (Texts{"i2=2", "gap after i2", "i7=7", "i8=8", "i9=9"}));
}

TEST_F(CutWatchTest, an_item_taken_out_is_no_gap) {
  publish(1, "i1");
  start();
  publish(2, "i2");
  publish(3, "i3");
  ASSERT_TRUE(world.run_until([&] { return heard.all.size() == 2; }));
  go_away();
  world.wait(topic.retract("i3"));
  publish(4, "i4");
  EXPECT_EQ(come_back(3), (Texts{"i2=2", "i3=3", "i4=4"}));
}

TEST_F(CutWatchTest, an_id_published_again_meanwhile_hides_nothing) {
  publish(0, "eth0");
  publish(0, "eth1");
  start();
  publish(1, "eth1");
  publish(1, "eth0");
  ASSERT_TRUE(world.run_until([&] { return heard.all.size() == 2; }));
  go_away();
  publish(5, "eth2");
  publish(2, "eth1");
  publish(2, "eth0");
  EXPECT_EQ(come_back(5), (Texts{"eth1=1", "eth0=1", "eth2=5", "eth1=2", "eth0=2"}));
}

TEST_F(CutWatchTest, one_id_published_again_and_again_is_told_as_it_is_now) {
  publish(1, "state");
  start();
  go_away();
  publish(2, "state");
  publish(3, "state");
  EXPECT_EQ(come_back(1), Texts{"state=3"});
}

TEST_F(CutWatchTest, a_topic_deleted_meanwhile_ends_the_watch) {
  publish(1, "i1");
  start();
  go_away();
  world.wait(topic.remove());
  bob.wire.down = false;
  EXPECT_TRUE(world.run_until([&] { return heard.ended != FaultKind::ok; }));
  EXPECT_EQ(heard.ended, FaultKind::not_found);
}

}  // namespace
}  // namespace xbus
