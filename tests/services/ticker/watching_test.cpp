#include "services/ticker/watching.hpp"

#include <gtest/gtest.h>

namespace xbus::ticker {
namespace {

Payload payload(const std::string& inside) {
  return *xml::parse("<entry xmlns='http://www.w3.org/2005/Atom'>" + inside + "</entry>");
}

TEST(TickerWatch, a_line_an_entry) {
  const auto entry = payload(
      "<id>urn:1</id><title>News</title><link href='https://example.org/1'/><updated>2026-01-01T00:00:00Z</updated>");
  EXPECT_EQ(line_of("ticker/a", entry, false), "a: News https://example.org/1");
  EXPECT_EQ(line_of("ticker/a", entry, true),
            "{\"source\":\"a\",\"id\":\"urn:1\",\"title\":\"News\",\"link\":\"https://example.org/"
            "1\",\"updated\":\"2026-01-01T00:00:00Z\"}");
  EXPECT_EQ(line_of("ticker/a", payload("<id>urn:1</id>"), false), "a: (no title)");
}

TEST(TickerWatch, nothing_in_a_line_acts_on_a_terminal) {
  const auto entry = payload("<id>urn:1</id><title>\u202E\u009B2J</title>");
  for (const bool as_json : {false, true}) {
    const std::string line = line_of("ticker/a", entry, as_json);
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c < 0x7F) << line;
  }
}

TEST(TickerWatch, what_is_no_entry_is_no_line) {
  EXPECT_EQ(line_of("ticker/a", Payload(Value("text")), false), "");
  EXPECT_EQ(line_of("ticker/a", Payload(xml::Element("x", "urn:x")), true), "");
}

}  // namespace
}  // namespace xbus::ticker
