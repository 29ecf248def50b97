#include "services/xbus/finding.hpp"

#include <gtest/gtest.h>

#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using Result = Finding::Result;

TEST(Finding, a_line_says_the_step_its_time_and_what_was_found) {
  EXPECT_EQ(finding_line({.step = "connect", .says = "127.0.0.1:5222", .took = 1250us}, {}),
            "ok       connect          1.2 ms  127.0.0.1:5222\n");
  EXPECT_EQ(finding_line({.step = "starttls", .took = 12345ms}, {}),
            "ok       starttls     12345.0 ms\n");
  EXPECT_EQ(finding_line({.result = Result::skipped, .step = "srv", .says = "this host"}, {}),
            "skipped  srv                      this host\n");
}

TEST(Finding, a_failure_says_what_to_do_too) {
  const Finding finding{.result = Result::failed,
                        .step = "login",
                        .says = "alice is not let in",
                        .cause = "not-authorized",
                        .advice = "check the password",
                        .kind = FaultKind::not_logged_in,
                        .took = 3ms};
  EXPECT_EQ(finding_line(finding, {}),
            "FAILED   login            3.0 ms  alice is not let in; check the password\n");
  EXPECT_EQ(json_text(finding_value(finding)),
            "{\"step\":\"login\",\"result\":\"failed\",\"milliseconds\":3.0,"
            "\"says\":\"alice is not let in\",\"cause\":\"not-authorized\","
            "\"kind\":\"not-logged-in\",\"status\":80,\"advice\":\"check the password\"}");
  EXPECT_EQ(json_text(finding_value({.step = "host", .says = "h", .took = 0ms})),
            "{\"step\":\"host\",\"result\":\"ok\",\"milliseconds\":0.0,\"says\":\"h\"}");
}

TEST(Finding, what_a_peer_says_acts_on_nothing) {
  const std::string line = finding_line({.step = "stream", .says = "\x1b[2Ja\nb\u202e"}, {});
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const Terminal colourful{.person = true, .colour = true};
  EXPECT_NE(finding_line({.result = Result::failed, .step = "x"}, colourful).find("\x1b[31m"),
            std::string::npos);
}

}  // namespace
}  // namespace xbus::cli
