#include "bus/client/reconnect.hpp"

#include <gtest/gtest.h>

namespace xbus::client {
namespace {

using namespace std::chrono_literals;

TEST(Reconnect, CORE_02_waits_double_up_to_the_most_and_begin_anew) {
  for (double share : {0.0, 0.5, 0.999}) {
    Reconnect reconnect({1s, 60s}, [share] { return share; });
    EXPECT_LT(reconnect.next(), 1s);
    Duration bound = 2s;
    for (int i = 0; i < 20; ++i) {
      auto wait = reconnect.next();
      EXPECT_GE(wait, bound / 2) << i;
      EXPECT_LE(wait, bound) << i;
      bound = std::min<Duration>(bound * 2, 60s);
    }
    reconnect.reset();
    EXPECT_LT(reconnect.next(), 1s);
  }
}

TEST(Reconnect, CORE_02_the_first_wait_is_unpredictable) {
  Reconnect low({1s, 60s}, [] { return 0.1; }), high({1s, 60s}, [] { return 0.9; });
  EXPECT_EQ(low.next(), 100ms);
  EXPECT_EQ(high.next(), 900ms);
}

}  // namespace
}  // namespace xbus::client
