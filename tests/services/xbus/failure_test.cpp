#include "services/xbus/failure.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

TEST(Failure, one_line_says_what_where_why_and_what_to_do) {
  EXPECT_EQ(failure_line("call agent frob", Fault(Fault::Kind::no_such_method, "no method frob")),
            "xbus: call agent frob: no-such-method: no method frob; `xbus describe agent` shows its "
            "methods");
  EXPECT_EQ(failure_line("call agent frob", Fault(Fault::Kind::invalid, "odd")),
            "xbus: call agent frob: invalid: odd; `xbus describe agent frob` shows what it takes");
  EXPECT_EQ(failure_line("describe agent", Fault(Fault::Kind::no_such_method, "no method frob")),
            "xbus: describe agent: no-such-method: no method frob; `xbus describe agent` shows its methods");
  EXPECT_EQ(failure_line("call an agent frob", Fault(Fault::Kind::invalid, "odd")),
            "xbus: call an agent frob: invalid: odd; `xbus describe SERVICE METHOD` shows what it "
            "takes");
  EXPECT_EQ(failure_line("call a b", Fault(Fault::Kind::forbidden, "forbidden")),
            "xbus: call a b: forbidden; whoever runs it decides who may");
  EXPECT_EQ(failure_line("list", Fault(Fault::Kind::not_found)), "xbus: list: not-found");
  EXPECT_EQ(failure_line("call a b", Fault(42, "of its own")),
            "xbus: call a b: custom 42: of its own");
}

TEST(Failure, a_bus_that_is_not_there_is_told_apart_from_a_service_that_is_not) {
  const Fault fault(Fault::Kind::unavailable, "nobody");
  EXPECT_NE(failure_line(doing_connect, fault).find("start xbusd"), std::string::npos);
  EXPECT_NE(failure_line("call a b", fault).find("xbus list"), std::string::npos);
  // A certificate, a password, a mechanism: the line does not guess which.
  EXPECT_EQ(failure_line(doing_connect, Fault(Fault::Kind::not_logged_in, "no")),
            "xbus: connect: not-logged-in: no; `xbus doctor` shows the step that fails");
}

TEST(Failure, advice_is_about_what_was_tried) {
  const auto line = [](std::string_view doing, Fault::Kind kind) { return failure_line(doing, Fault(kind)); };
  EXPECT_EQ(line("name release x", Fault::Kind::not_found),
            "xbus: name release x: not-found; `xbus name list` shows the names and their owners");
  EXPECT_EQ(line("account remove x", Fault::Kind::not_found),
            "xbus: account remove x: not-found; `xbus account list` shows the accounts");
  EXPECT_EQ(line("account add x", Fault::Kind::already_exists),
            "xbus: account add x: already-exists; `xbus account passwd` changes its password");
  EXPECT_EQ(line("account list", Fault::Kind::unavailable),
            "xbus: account list: unavailable; only xbusd is managed from here: another server has tools of its own");
  EXPECT_EQ(line("trace @", Fault::Kind::invalid), "xbus: trace @: invalid; an address is [NAME@]DOMAIN[/RESOURCE]");
  EXPECT_EQ(line("account list", Fault::Kind::timeout), "xbus: account list: timeout; --timeout SECONDS allows more");
}

TEST(Failure, what_a_peer_says_stays_on_the_line_and_acts_on_nothing) {
  const std::string line =
      failure_line("call \x1b[1m x", Fault(Fault::Kind::failed, "a\nxbus: forged\x1b[2J\u202e"));
  EXPECT_EQ(line, "xbus: call \\u{1b}[1m x: failed: a\\u{a}xbus: forged\\u{1b}[2J\\u{202e}");
}

TEST(Failure, details_stand_behind_the_message) {
  const Fault fault = Fault(Fault::Kind::busy, "full").detail("condition", "resource-constraint")
                          .detail("retry-after", "3").detail("queue", "a\x1b");
  EXPECT_EQ(failure_line("call a b", fault),
            "xbus: call a b: busy: full (retry-after: 3, queue: a\\u{1b}); try again later");
}

TEST(Failure, for_a_program_it_is_one_object) {
  const Fault fault = Fault(17, "out of \"paper\"").detail("tray", "2").detail("tray", "3").detail("line", "a\nb");
  EXPECT_EQ(failure_json("call printer print", fault),
            "{\"doing\":\"call printer print\",\"kind\":\"custom\",\"code\":17,\"status\":66,"
            "\"message\":\"out of \\\"paper\\\"\",\"details\":{\"tray\":\"2\",\"line\":\"a\\nb\"},"
            "\"advice\":\"\"}");
  EXPECT_NE(failure_json("x", Fault(Fault::Kind::lost)).find("\"details\":{}"), std::string::npos);
}

}  // namespace
}  // namespace xbus::cli
