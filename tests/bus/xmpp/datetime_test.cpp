#include "bus/xmpp/datetime.hpp"

#include <gtest/gtest.h>

namespace xbus::xmpp {
namespace {

using namespace std::chrono;

Timestamp at(int y, unsigned mo, unsigned d, int h, int mi, int s, int us = 0) {
  return Timestamp(sys_days(year(y) / month(mo) / day(d))) + hours(h) + minutes(mi) + seconds(s) +
         microseconds(us);
}

TEST(Datetime, examples_of_xep0082) {
  EXPECT_EQ(parse_datetime("1969-07-21T02:56:15Z"), at(1969, 7, 21, 2, 56, 15));
  EXPECT_EQ(parse_datetime("1969-07-20T21:56:15-05:00"), at(1969, 7, 21, 2, 56, 15));
  EXPECT_EQ(parse_date("1776-07-04"), year(1776) / 7 / 4);
  EXPECT_EQ(parse_time("16:00:00"), (TimeOfDay{.since_midnight = hours(16), .zone = {}}));
}

TEST(Datetime, what_is_written_is_read) {
  const std::pair<Timestamp, std::string_view> cases[] = {
      {at(2002, 9, 10, 23, 8, 25), "2002-09-10T23:08:25Z"},
      {at(2002, 9, 10, 23, 8, 25, 120'000), "2002-09-10T23:08:25.12Z"},
      {at(2002, 9, 10, 23, 8, 25, 1), "2002-09-10T23:08:25.000001Z"},
      {at(1969, 12, 31, 23, 59, 59, 999'999), "1969-12-31T23:59:59.999999Z"},
      {at(2024, 2, 29, 0, 0, 0), "2024-02-29T00:00:00Z"},
      {at(0, 1, 1, 0, 0, 0), "0000-01-01T00:00:00Z"},
      {at(9999, 12, 31, 23, 59, 59), "9999-12-31T23:59:59Z"},
  };
  for (auto [time, text] : cases) {
    EXPECT_EQ(format_datetime(time), text);
    EXPECT_EQ(parse_datetime(text), time);
  }
  EXPECT_EQ(parse_datetime("2002-09-10T23:08:25.1234567890123456789012Z"),
            at(2002, 9, 10, 23, 8, 25, 123'456));
  EXPECT_EQ(parse_datetime("2002-09-10T23:08:25.5+05:30"), at(2002, 9, 10, 17, 38, 25, 500'000));
}

TEST(Datetime, a_year_without_four_digits_is_not_written) {
  EXPECT_EQ(format_datetime(Timestamp::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_datetime(Timestamp::min()), "0000-01-01T00:00:00Z");
}

TEST(Datetime, anything_else_is_refused) {
  for (std::string_view text : {"",
                                "2002-09-10",
                                "2002-09-10T23:08:25",
                                "2002-09-10t23:08:25Z",
                                "2002-09-10 23:08:25Z",
                                "20020910T23:08:25",
                                "2002-9-10T23:08:25Z",
                                "2002-13-10T23:08:25Z",
                                "2002-00-10T23:08:25Z",
                                "2002-02-29T00:00:00Z",
                                "2002-04-31T00:00:00Z",
                                "2002-09-10T24:00:00Z",
                                "2002-09-10T23:60:25Z",
                                "2002-09-10T23:08:60Z",
                                "2002-09-10T23:08:25.Z",
                                "2002-09-10T23:08:25z",
                                "2002-09-10T23:08:25+0500",
                                "2002-09-10T23:08:25+14:01",
                                "2002-09-10T23:08:25+15:00",
                                "2002-09-10T23:08:25+05:60",
                                "2002-09-10T23:08:25ZZ",
                                " 2002-09-10T23:08:25Z",
                                "-002-09-10T23:08:25Z",
                                "12002-09-10T23:08:25Z",
                                "2002-09-10T23:08:25,5Z",
                                "2002-09-10T+1:08:25Z"}) {
    EXPECT_FALSE(parse_datetime(text)) << text;
  }
  for (std::string_view text : {"", "2002-9-1", "2002-02-30", "2002-09-10T", "02-09-10"})
    EXPECT_FALSE(parse_date(text));
  for (std::string_view text : {"", "16:00", "16:00:00X", "24:00:00", "16:00:00+", "1:00:00"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Datetime, times_and_zones) {
  EXPECT_EQ(parse_time("16:00:00.25Z"),
            (TimeOfDay{.since_midnight = hours(16) + milliseconds(250), .zone = minutes(0)}));
  EXPECT_EQ(parse_time("00:00:00-06:00")->zone, -hours(6));
  EXPECT_EQ(format_time({.since_midnight = hours(9) + seconds(5), .zone = {}}), "09:00:05");
  EXPECT_EQ(format_time({.since_midnight = microseconds(1), .zone = -minutes(330)}),
            "00:00:00.000001-05:30");
  EXPECT_EQ(format_date(year(1776) / 7 / 4), "1776-07-04");
  EXPECT_EQ(parse_zone("Z"), minutes(0));
  EXPECT_EQ(parse_zone("+00:00"), minutes(0));
  EXPECT_EQ(parse_zone("-14:00"), -hours(14));
  EXPECT_FALSE(parse_zone("+1:00"));
  EXPECT_FALSE(parse_zone(""));
  EXPECT_EQ(format_zone(minutes(0)), "Z");
  EXPECT_EQ(format_zone(minutes(345)), "+05:45");
}

}  // namespace
}  // namespace xbus::xmpp
