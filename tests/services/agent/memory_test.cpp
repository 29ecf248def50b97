#include "services/agent/memory.hpp"

#include <gtest/gtest.h>

#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

TEST(Memory, is_in_bytes) {
  const auto found = memory(fixture("proc"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total, 16384000LL * 1024);
  EXPECT_EQ(found->available, 9000000LL * 1024);
  EXPECT_EQ(found->used, 7384000LL * 1024);
  EXPECT_EQ(found->free, 1000000LL * 1024);
  EXPECT_EQ(found->buffers, 200000LL * 1024);
  EXPECT_EQ(found->cached, 3000000LL * 1024);
  EXPECT_EQ(found->swap_total, 2000000LL * 1024);
  EXPECT_EQ(found->swap_free, 1500000LL * 1024);
}

TEST(Memory, of_this_host_is_plausible) {
  const auto found = memory();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->total / 4096 > 0, true);
  EXPECT_LE(found->available, found->total);
  EXPECT_EQ(found->used + found->available, found->total);
}

}  // namespace
}  // namespace xbus::agent
