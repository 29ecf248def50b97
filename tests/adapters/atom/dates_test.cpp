#include "adapters/atom/dates.hpp"

#include <gtest/gtest.h>

#include "bus/xmpp/datetime.hpp"

namespace xbus::atom {
namespace {

std::string utc(std::string_view text) {
  const auto time = parse_date(text);
  return time ? xmpp::format_datetime(*time) : "none";
}

TEST(FeedDates, rfc3339_and_its_shorter_forms) {
  EXPECT_EQ(utc("2003-12-13T18:30:02Z"), "2003-12-13T18:30:02Z");
  EXPECT_EQ(utc(" 2003-12-13T18:30:02.25+01:00\n"), "2003-12-13T17:30:02.25Z");
  EXPECT_EQ(utc("2003-12-13T18:30+01:00"), "2003-12-13T17:30:00Z");
  EXPECT_EQ(utc("2003-12-13T18:30:02"), "2003-12-13T18:30:02Z");
  EXPECT_EQ(utc("2003-12-13 18:30:02"), "2003-12-13T18:30:02Z");
  EXPECT_EQ(utc("2003-12-13"), "2003-12-13T00:00:00Z");
  EXPECT_EQ(utc("2003-12"), "2003-12-01T00:00:00Z");
  EXPECT_EQ(utc("2003"), "2003-01-01T00:00:00Z");
}

TEST(FeedDates, rfc822_with_all_that_may_be_left_out) {
  EXPECT_EQ(utc("Wed, 02 Oct 2002 13:00:00 GMT"), "2002-10-02T13:00:00Z");
  EXPECT_EQ(utc("Wed, 02 Oct 2002 15:00:00 +0200"), "2002-10-02T13:00:00Z");
  EXPECT_EQ(utc("2 Oct 02 08:00 EST"), "2002-10-02T13:00:00Z");
  EXPECT_EQ(utc("2 October 2002 13:00:00"), "2002-10-02T13:00:00Z");
  EXPECT_EQ(utc("Thu, 31 Dec 98 23:59:59 -0030"), "1999-01-01T00:29:59Z");
  EXPECT_EQ(utc("02 Oct 2002"), "2002-10-02T00:00:00Z");
  EXPECT_EQ(utc("Wed, 02 Oct 2002 13:00:00 +02:00"), "2002-10-02T11:00:00Z");
}

TEST(FeedDates, what_is_no_date_is_none) {
  for (const char* text :
       {"", "  ", "yesterday", "2003-13-01", "2003-02-30", "31 Feb 2002 13:00:00 GMT", "02 Oct 2002 25:00:00",
        "02 Foo 2002", "02 Oct -200", "Wed, Oct", "0x 0y 0z", "99 99 99 99 99 99 99 99 99 99", "2003-12-13T",
        "2003-12-13T18", "2003-12-13T18:30:02+99:00"})
    EXPECT_EQ(utc(text), "none") << text;
  EXPECT_EQ(utc(std::string(100'000, '2')), "none");
}

}  // namespace
}  // namespace xbus::atom
