#include "services/agent/uptime.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

TEST(Uptime, is_read_from_uptime_and_stat) {
  const auto found = uptime(fixture("proc"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->boot_time, Timestamp(std::chrono::seconds(1'700'000'000)));
  EXPECT_EQ(found->seconds, 12345.67);
  EXPECT_FALSE(found->host.empty());
  EXPECT_TRUE(found->kernel.starts_with("Linux "));
}

TEST(Uptime, of_this_host_agrees_with_its_clock) {
  const auto found = uptime();
  ASSERT_TRUE(found);
  const auto now = std::chrono::system_clock::now();
  const double since = std::chrono::duration<double>(now - found->boot_time).count();
  EXPECT_LT(std::abs(since - found->seconds), 60);
}

}  // namespace
}  // namespace xbus::agent
