#include "services/xbus/failure.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

TEST(Failure, one_line_says_what_where_why_and_what_to_do) {
  EXPECT_EQ(failure_line("call agent frob", Fault(Fault::Kind::no_such_method, "no method frob")),
            "xbus: call agent frob: no-such-method: no method frob; `xbus describe SERVICE` shows "
            "its methods");
  EXPECT_EQ(failure_line("list", Fault(Fault::Kind::not_found)), "xbus: list: not-found");
  EXPECT_EQ(failure_line("call a b", Fault(42, "of its own")),
            "xbus: call a b: custom 42: of its own");
}

TEST(Failure, a_bus_that_is_not_there_is_told_apart_from_a_service_that_is_not) {
  const Fault fault(Fault::Kind::unavailable, "nobody");
  EXPECT_NE(failure_line(doing_connect, fault).find("start xbusd"), std::string::npos);
  EXPECT_NE(failure_line("call a b", fault).find("xbus list"), std::string::npos);
}

TEST(Failure, what_a_peer_says_stays_on_the_line_and_acts_on_nothing) {
  const std::string line =
      failure_line("call \x1b[1m x", Fault(Fault::Kind::failed, "a\nxbus: forged\x1b[2J\u202e"));
  EXPECT_EQ(line, "xbus: call \\u{1b}[1m x: failed: a\\u{a}xbus: forged\\u{1b}[2J\\u{202e}");
}

}  // namespace
}  // namespace xbus::cli
