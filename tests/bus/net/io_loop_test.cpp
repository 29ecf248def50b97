#include "bus/net/io_loop.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "bus/net/timer.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

TEST(IoLoop, runs_what_other_threads_post_in_order) {
  IoLoop loop;
  std::vector<int> seen;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) loop.post([&, i] { seen.push_back(i); });
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(IoLoop, ten_thousand_timers) {
  IoLoop loop;
  std::vector<std::unique_ptr<Timer>> timers;
  std::mt19937 random(1);
  int fired = 0, early = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto& timer = timers.emplace_back(std::make_unique<Timer>(loop));
    auto due = loop.now() + std::chrono::milliseconds(random() % 300);
    timer->start_at(due, [&, due] {
      ++fired;
      if (std::chrono::steady_clock::now() < due) ++early;
    });
  }
  EXPECT_TRUE(loop.run_until([&] { return fired == 10'000; }, 20s));
  EXPECT_EQ(early, 0);
}

struct Event final : IoLoop::Watcher {
  Event() : fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Event() { ::close(fd); }
  void on_ready(uint32_t ready) override {
    if (fn) fn(ready);
  }
  void raise() { eventfd_write(fd, 1); }
  void clear() {
    eventfd_t value;
    eventfd_read(fd, &value);
  }
  int fd;
  std::function<void(uint32_t)> fn;
};

TEST(IoLoop, deferred_runs_once_after_all_ready_events) {
  IoLoop loop;
  std::string order;
  std::vector<std::unique_ptr<Event>> events;
  for (int i = 0; i < 5; ++i) {
    auto& event = *events.emplace_back(std::make_unique<Event>());
    event.fn = [&](uint32_t) {
      event.clear();
      if (order.empty()) loop.defer([&] { order += "d"; });
      order += "e";
    };
    event.raise();
    ASSERT_TRUE(loop.watch(event.fd, event, IoLoop::readable));
  }
  EXPECT_TRUE(loop.run_until([&] { return order.size() == 6; }, 5s));
  EXPECT_EQ(order, "eeeeed");
  for (auto& event : events) loop.unwatch(event->fd, *event);
}

TEST(IoLoop, a_watcher_unwatched_by_another_of_the_same_round_is_not_called) {
  IoLoop loop;
  auto a = std::make_unique<Event>(), b = std::make_unique<Event>();
  int calls = 0;
  auto kill = [&](std::unique_ptr<Event>& self, std::unique_ptr<Event>& other) {
    ++calls;
    if (other) {
      loop.unwatch(other->fd, *other);
      other.reset();
    }
    self->clear();
  };
  a->fn = [&](uint32_t) { kill(a, b); };
  b->fn = [&](uint32_t) { kill(b, a); };
  a->raise();
  b->raise();
  loop.watch(a->fd, *a, IoLoop::readable);
  loop.watch(b->fd, *b, IoLoop::readable);
  EXPECT_FALSE(loop.run_until([&] { return calls > 1; }, 50ms));
  EXPECT_EQ(calls, 1);
  for (auto* event : {a.get(), b.get()}) {
    if (event) loop.unwatch(event->fd, *event);
  }
}

// Deadlines are counted from it: what comes after a long silence has all its time.
TEST(IoLoop, what_is_ready_after_a_wait_sees_the_time_of_its_own_round) {
  IoLoop loop;
  struct Alarm final : IoLoop::Watcher {
    explicit Alarm(IoLoop& on) : loop(on), fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
      const itimerspec once{{}, {0, 300'000'000}};
      timerfd_settime(fd, 0, &once, nullptr);
      EXPECT_TRUE(loop.watch(fd, *this, IoLoop::readable));
    }
    ~Alarm() {
      loop.unwatch(fd, *this);
      ::close(fd);
    }
    void on_ready(uint32_t) override {
      seen = loop.now();
      loop.stop();
    }
    IoLoop& loop;
    int fd;
    std::optional<Time> seen;
  };
  Alarm alarm(loop);
  const Time begun = loop.clock();
  loop.run();
  ASSERT_TRUE(alarm.seen);
  EXPECT_GE(*alarm.seen - begun, 250ms);
}

TEST(IoLoop, signals_arrive_on_the_loop) {
  IoLoop loop;
  std::vector<int> seen;
  loop.on_signal({SIGHUP, SIGTERM}, [&](int signal) { seen.push_back(signal); });
  loop.post([] { ::kill(::getpid(), SIGHUP); });
  EXPECT_TRUE(loop.run_until([&] { return seen.size() == 1; }, 5s));
  ::kill(::getpid(), SIGTERM);
  EXPECT_TRUE(loop.run_until([&] { return seen.size() == 2; }, 5s));
  EXPECT_EQ(seen, (std::vector<int>{SIGHUP, SIGTERM}));
}

}  // namespace
}  // namespace xbus::net
