#include "services/agent/pressure.hpp"

#include <gtest/gtest.h>

#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

TEST(Pressure, the_share_of_the_last_ten_seconds) {
  EXPECT_EQ(
      pressure_of(
          "some avg10=25.50 avg60=1.00 avg300=0.10 total=12345\nfull avg10=3.00 avg60=0.00 avg300=0.00 total=1\n"),
      0.255);
  EXPECT_EQ(pressure_of("full avg10=3.00 avg60=0.00\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"), 0.0);
}

TEST(Pressure, what_is_no_share_is_none) {
  for (const char* bad : {"", "some", "some avg60=1.00", "some avg10=", "some avg10=x", "some avg10=-1",
                          "some avg10=101", "some avg10=nan"})
    EXPECT_FALSE(pressure_of(bad)) << bad;
}

TEST(Pressure, a_host_that_does_not_tell_has_no_trigger) {
  EXPECT_FALSE(pressure("/nonexistent", "cpu"));
  EXPECT_EQ(PressureTrigger("/nonexistent", "cpu", 0.5).fd(), -1);
}

}  // namespace
}  // namespace xbus::agent
