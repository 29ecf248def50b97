#include "bus/router/pubsub/places.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace xbus::router::pubsub {
namespace {

Places::Entry entry(int64_t seq) { return {seq, Timestamp{}, 0}; }

TEST(Places, nothing_is_nowhere) {
  Places places;
  places.erase(1);
  EXPECT_EQ(places.size(), 0u);
  EXPECT_EQ(places.before(7), 0u);
  places.each(0, 5, [](const Places::Entry&) { ADD_FAILURE(); });
}

// Against a set that is counted through.
TEST(Places, any_order_of_coming_and_going) {
  std::mt19937 random(7);
  Places places;
  std::set<int64_t> all;
  int64_t last = 0;
  for (int step = 0; step < 20'000; ++step) {
    uint32_t dice = static_cast<uint32_t>(random() % 10);
    if (dice < 5) {
      places.insert(entry(last += 2));
      all.insert(last);
    } else if (dice < 6) {  // put back in the middle
      int64_t seq = 1 + 2 * static_cast<int64_t>(random() % 5000);
      if (all.insert(seq).second) places.insert(entry(seq));
    } else if (!all.empty()) {
      auto one = all.lower_bound(static_cast<int64_t>(random() % static_cast<uint32_t>(last + 1)));
      if (one == all.end()) one = all.begin();
      places.erase(*one);
      places.erase(*one);
      all.erase(one);
    }
  }
  ASSERT_EQ(places.size(), all.size());
  size_t place = 0;
  for (int64_t seq : all) {
    ASSERT_EQ(places.at(place), seq);
    ASSERT_EQ(places.before(seq), place);
    ++place;
  }
  std::vector<int64_t> seen, middle;
  places.each(0, all.size() + 5, [&](const Places::Entry& one) { seen.push_back(one.seq); });
  EXPECT_EQ(seen, std::vector<int64_t>(all.begin(), all.end()));
  places.each(700, 900, [&](const Places::Entry& one) { middle.push_back(one.seq); });
  ASSERT_GT(all.size(), 900u);
  EXPECT_EQ(middle, std::vector<int64_t>(seen.begin() + 700, seen.begin() + 900));
  places.clear();
  EXPECT_EQ(places.size(), 0u);
}

}  // namespace
}  // namespace xbus::router::pubsub
