#include "bus/net/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "bus/net/io_loop.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

TEST(Workers, run_jobs_elsewhere_and_answer_on_the_loop) {
  IoLoop loop;
  Workers workers(2);
  auto here = std::this_thread::get_id();
  int done = 0, elsewhere = 0;
  std::mutex mutex;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(workers.run(
        loop,
        [&] {
          std::lock_guard lock(mutex);
          if (std::this_thread::get_id() != here) ++elsewhere;
        },
        [&] {
          EXPECT_EQ(std::this_thread::get_id(), here);
          ++done;
        }));
  }
  EXPECT_TRUE(loop.run_until([&] { return done == 100; }, 5s));
  EXPECT_EQ(elsewhere, 100);
}

TEST(Workers, refuse_beyond_their_limit) {
  IoLoop loop;
  Workers workers(1, 2);
  std::mutex gate;
  std::atomic<bool> begun{false};
  int done = 0;
  gate.lock();
  auto wait = [&] {
    begun = true;
    loop.post([] {});  // the loop asks again
    std::lock_guard lock(gate);
  };
  ASSERT_TRUE(workers.run(loop, wait, [&] { ++done; }));
  EXPECT_TRUE(loop.run_until([&] { return begun.load(); }, 5s));
  EXPECT_TRUE(workers.run(loop, [] {}, [&] { ++done; }));
  EXPECT_TRUE(workers.run(loop, [] {}, [&] { ++done; }));
  EXPECT_FALSE(workers.run(loop, [] {}, [&] { ++done; }));
  gate.unlock();
  EXPECT_TRUE(loop.run_until([&] { return done == 3; }, 5s));
}

}  // namespace
}  // namespace xbus::net
