#include "services/agent/load.hpp"

#include <gtest/gtest.h>

#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

TEST(Load, is_read_from_loadavg_and_stat) {
  const auto found = load(fixture("proc"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->one_minute, 0.25);
  EXPECT_EQ(found->five_minutes, 1.12);
  EXPECT_EQ(found->fifteen_minutes, 12.06);
  EXPECT_EQ(found->running, 3);
  EXPECT_EQ(found->tasks, 187);
  EXPECT_EQ(found->processors, 2);
}

TEST(Load, of_this_host_is_plausible) {
  const auto found = load();
  ASSERT_TRUE(found);
  EXPECT_GE(found->one_minute, 0);
  EXPECT_GE(found->tasks, 1);
  EXPECT_GE(found->processors, 1);
}

TEST(Load, a_host_without_procfs_is_an_error) {
  EXPECT_EQ(load(fixture("nothing")).error(), KernelError::unreadable);
}

}  // namespace
}  // namespace xbus::agent
