// Fault: kinds, codes, texts.
#include "rpc/fault.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

TEST(Fault, says_its_kind_and_message) {
  const Fault fault(Fault::Kind::invalid, "division by zero");
  EXPECT_EQ(fault.kind(), Fault::Kind::invalid);
  EXPECT_EQ(fault.code(), -32602);
  EXPECT_STREQ(fault.what(), "invalid: division by zero");
  EXPECT_STREQ(Fault(Fault::Kind::lost).what(), "lost");
}

TEST(Fault, a_code_of_the_table_is_its_row_any_other_is_the_services_own) {
  EXPECT_EQ(Fault(-32601, "x").kind(), Fault::Kind::no_such_method);
  const Fault own(17, "out of paper");
  EXPECT_EQ(own.kind(), Fault::Kind::custom);
  EXPECT_EQ(own.code(), 17);
  EXPECT_STREQ(own.what(), "fault 17: out of paper");
}

TEST(Fault, copies_compares_and_carries_details) {
  Fault fault(Fault::Kind::busy);
  fault.detail("retry-after", "3");
  const Fault copy = fault;
  EXPECT_EQ(copy, fault);
  ASSERT_NE(copy.find_detail("retry-after"), nullptr);
  EXPECT_EQ(*copy.find_detail("retry-after"), "3");
  EXPECT_EQ(copy.find_detail("other"), nullptr);
  EXPECT_NE(copy, Fault(Fault::Kind::busy));
}

TEST(Fault, RPC_23_a_stanza_error_is_told_from_a_fault_of_the_method) {
  const Fault fault = fault_from(xmpp::StanzaError(xmpp::Condition::service_unavailable));
  EXPECT_EQ(fault.kind(), Fault::Kind::unavailable);
  EXPECT_EQ(*fault.find_detail("condition"), "service-unavailable");
  EXPECT_EQ(fault_from(xmpp::StanzaError(xmpp::Condition::gone, "moved")).message(), "moved");
}

}  // namespace
}  // namespace xbus
