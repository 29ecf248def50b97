#include "bus/xmpp/payloads/payload_error.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

TEST(PayloadError, says_what_is_wrong_and_where) {
  EXPECT_EQ(describe({PayloadFault::out_of_range, "lat"}), "lat: out of range");
  EXPECT_EQ(describe({PayloadFault::other_element, {}}), "another element");
  EXPECT_EQ(describe({PayloadFault::too_many, "tag"}), "tag: too many");
}

}  // namespace
}  // namespace xbus::xmpp
