#include "services/xbus/gathering.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

TEST(Gathering, what_the_instance_says_is_an_answer_and_what_the_bus_says_is_none) {
  Reply reply;
  reply.value = Value(1);
  EXPECT_TRUE(reply.is_answer());
  for (const auto kind : {Fault::Kind::not_found, Fault::Kind::forbidden, Fault::Kind::busy,
                          Fault::Kind::failed, Fault::Kind::no_such_method}) {
    reply.fault = Fault(kind);
    EXPECT_TRUE(reply.is_answer()) << reply.fault->what();
  }
  for (const auto kind : {Fault::Kind::unavailable, Fault::Kind::timeout, Fault::Kind::lost,
                          Fault::Kind::cancelled}) {
    reply.fault = Fault(kind);
    EXPECT_FALSE(reply.is_answer()) << reply.fault->what();
  }
}

}  // namespace
}  // namespace xbus::cli
