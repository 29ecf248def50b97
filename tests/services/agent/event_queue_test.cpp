#include "services/agent/event_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace xbus::agent {
namespace {

struct Numbered {
  int number = 0;
  int64_t missed = 0;
};

TEST(EventQueue, a_full_one_drops_its_oldest_and_says_how_many) {
  int woken = 0;
  EventQueue<Numbered> queue(3, [&] { ++woken; });
  for (int i = 1; i <= 3; ++i) queue.push({i});
  EXPECT_EQ(woken, 1);  // until it has been emptied
  queue.push({4});
  queue.push({5});
  const auto first = queue.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->number, 3);
  EXPECT_EQ(first->missed, 2);
  EXPECT_EQ(queue.next()->missed, 0);
  EXPECT_EQ(queue.next()->number, 5);
  EXPECT_FALSE(queue.next());
  queue.push({6});
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(queue.next()->missed, 0);
}

TEST(EventQueue, what_could_not_be_published_counts) {
  EventQueue<Numbered> queue(1, [] {});
  queue.push({1});
  queue.push({2});
  const auto taken = queue.next();
  EXPECT_EQ(taken->missed, 1);
  queue.lost(*taken);
  queue.push({3});
  EXPECT_EQ(queue.next()->missed, 2);
}

TEST(EventQueue, what_a_source_has_missed_is_added) {
  EventQueue<Numbered> queue(2, [] {});
  queue.push({1, 7});
  EXPECT_EQ(queue.next()->missed, 7);
}

TEST(EventQueue, nothing_is_lost_uncounted_between_threads) {
  std::atomic<int> woken{0};
  EventQueue<Numbered> queue(16, [&] { ++woken; });
  constexpr int each = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      for (int number = 0; number < each; ++number) queue.push({number});
    });
  int64_t seen = 0;
  while (seen < 3 * each)
    if (const auto event = queue.next()) seen += 1 + event->missed;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, 3 * each);
  EXPECT_FALSE(queue.next());
  EXPECT_GT(woken.load(), 0);
}

}  // namespace
}  // namespace xbus::agent
