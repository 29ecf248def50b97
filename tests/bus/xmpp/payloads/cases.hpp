// Payloads as tables: what is read and written back as it was, and what is refused and why.
#pragma once
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "bus/limits.hpp"
#include "bus/xmpp/payloads/payload_error.hpp"
#include "tests/bus/xmpp/parse.hpp"

namespace xbus::xmpp {

// Like element(), for texts above what a stream takes before login.
inline xml::Element large_element(std::string_view text) {
  xml::ScanLimits scan;
  scan.stanza_bytes_max = limits::stanza_bytes_max;
  auto parsed = xml::parse(text, xml::ns_client, scan);
  EXPECT_TRUE(parsed) << text.substr(0, 200);
  return parsed ? *parsed : xml::Element();
}

// `text` reads as `value`, and `value` is written as `text`.
template <class T, class From>
void expect_both_ways(std::string_view text, const T& value, From from) {
  const auto read = from(element(text));
  ASSERT_TRUE(read) << text << "\n" << describe(read.error());
  EXPECT_EQ(*read, value) << text;
  EXPECT_EQ(xml::write(to_element(value)), xml::write(element(text)));
}

// `text` reads as `value`, which is written in another way and read again as the same.
template <class T, class From>
void expect_read(std::string_view text, const T& value, From from) {
  const auto read = from(element(text));
  ASSERT_TRUE(read) << text << "\n" << describe(read.error());
  EXPECT_EQ(*read, value) << text;
  const auto again = from(element(xml::write(to_element(value))));
  ASSERT_TRUE(again) << text << "\n" << describe(again.error());
  EXPECT_EQ(*again, value) << text;
}

struct Refused {
  std::string text;
  std::string why;  // as describe() has it
};

template <class From>
void expect_refused(From from, std::initializer_list<Refused> cases) {
  for (const Refused& refused : cases) {
    const auto read = from(large_element(refused.text));
    EXPECT_FALSE(read) << refused.text.substr(0, 200);
    if (read) continue;
    EXPECT_EQ(describe(read.error()), refused.why) << refused.text.substr(0, 200);
  }
}

}  // namespace xbus::xmpp
