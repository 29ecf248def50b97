#include "services/common/counted.hpp"

#include <gtest/gtest.h>

namespace xbus::common {
namespace {

TEST(Counted, one_is_singular_and_nothing_else_is) {
  EXPECT_EQ(counted(0, "service"), "0 services");
  EXPECT_EQ(counted(1, "service"), "1 service");
  EXPECT_EQ(counted(2, "service"), "2 services");
  EXPECT_EQ(counted(11, "call"), "11 calls");
}

}  // namespace
}  // namespace xbus::common
