#include "services/xbus/tally.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;

TEST(Tally, counts_outcomes_and_orders_times) {
  Tally tally;
  for (const auto time : {4ms, 1ms, 3ms, 2ms}) tally.add(time);
  EXPECT_EQ(tally.status(), 0);
  EXPECT_EQ(tally.text(), "4 calls: 4 done; 1.00 ms fastest, 2.00 median, 3.00 95 %, 4.00 slowest");
  tally.add(Fault(Fault::Kind::timeout));
  tally.add(Fault(Fault::Kind::busy));
  tally.add(Fault(Fault::Kind::timeout));
  EXPECT_TRUE(tally.text().starts_with("7 calls: 4 done, 1 busy, 2 timeout; ")) << tally.text();
  EXPECT_EQ(tally.status(), 64 + 4);  // of the first
}

TEST(Tally, without_a_success_there_are_no_times) {
  Tally tally;
  EXPECT_EQ(tally.text(), "0 calls: 0 done");
  tally.add(Fault(Fault::Kind::forbidden));
  EXPECT_EQ(tally.text(), "1 call: 0 done, 1 forbidden");
}

TEST(Tally, keeps_the_last_of_very_many_times) {
  Tally tally;
  for (int i = 0; i < 100'000; ++i) tally.add(1ms);
  for (int i = 0; i < 100'000; ++i) tally.add(2ms);
  EXPECT_NE(tally.text().find("200000 done; 2.00 ms fastest"), std::string::npos) << tally.text();
}

}  // namespace
}  // namespace xbus::cli
