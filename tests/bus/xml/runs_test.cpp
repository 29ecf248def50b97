#include "bus/xml/runs.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace xbus::xml::runs {
namespace {

// Each byte at each place of windows around the sixteen bytes that are looked at together: find()
// must stop exactly where the byte-wise rule of the run says.
template <class Run>
void expect_stops(Run run) {
  for (size_t size = 0; size <= 50; ++size) {
    const auto window =
        std::make_unique<char[]>(size);  // exact, so that a sanitizer sees a read behind it
    for (size_t from = 0; from <= size; from += 7) {
      std::fill_n(window.get(), size, 'x');
      const char* const begin = window.get();
      const char* const end = begin + size;
      ASSERT_EQ(find(run, begin, begin + from, end), end);
      ASSERT_EQ(find(run, begin + from, begin + from, end), end);
      for (size_t at = from; at < size; ++at) {
        for (int c = 0; c < 256; ++c) {
          window[at] = static_cast<char>(c);
          const char* const expected = run.stops(static_cast<char>(c)) ? begin + at : end;
          ASSERT_EQ(find(run, begin, begin + from, end), expected)
              << size << ' ' << from << ' ' << at << ' ' << c;
        }
        window[at] = 'x';
        if (at > 0) window[at - 1] = from <= at - 1 ? 'x' : '<';  // what lies before does not count
      }
    }
  }
}

TEST(Runs, every_run_stops_where_its_rule_says) {
  expect_stops(Text{});
  expect_stops(Value{'\''});
  expect_stops(Value{'"'});
  expect_stops(CData{});
  expect_stops(Escape{});
}

TEST(Runs, rules) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool never_plain = i < 0x20 || i >= 0x80;
    EXPECT_EQ(Text{}.stops(c), never_plain || c == '<' || c == '>' || c == '&');
    EXPECT_EQ(Value{'"'}.stops(c), never_plain || c == '<' || c == '"' || c == '&');
    EXPECT_EQ(CData{}.stops(c), never_plain || c == '>');
  }
}

TEST(Runs, a_plain_value_is_its_own_text) {
  for (size_t size = 0; size < 40; ++size) {
    const std::string plain(size, '\'');
    EXPECT_TRUE(plain_value(plain));
    for (size_t at = 0; at < size; ++at) {
      for (const char c : {'&', '\t', '\r', '\n'}) {
        std::string changed = plain;
        changed[at] = c;
        EXPECT_FALSE(plain_value(changed)) << size << ", " << at;
      }
    }
  }
}

#ifdef XBUS_SSE2
TEST(Runs, name_mask_is_the_table_of_name_characters) {
  for (int c = 0; c < 256; ++c) {
    for (size_t at = 0; at < 16; ++at) {
      char bytes[17] = "                ";
      bytes[at] = static_cast<char>(c);
      const bool name = (chars::ascii[static_cast<size_t>(c)] & chars::name_char) != 0;
      EXPECT_EQ(name_mask(load(bytes)), name ? 1u << at : 0u) << c;
    }
  }
}
#endif

}  // namespace
}  // namespace xbus::xml::runs
