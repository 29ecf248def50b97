#include "services/xbus/input_lines.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "bus/net/io_loop.hpp"

namespace xbus::cli {
namespace {

struct InputLinesTest : testing::Test {
  InputLinesTest() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~InputLinesTest() override {
    ::close(ends[0]);
    end();
  }
  void write(std::string_view text) { EXPECT_EQ(::write(ends[1], text.data(), text.size()), ssize_t(text.size())); }
  void end() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
  // Everything up to the end; what is wrong as "!...".
  std::vector<std::string> all(InputLines& input) {
    std::vector<std::string> lines;
    bool done = false;
    spawn([](InputLines& from, std::vector<std::string>& to, bool& over) -> Task<void> {
      while (true) {
        auto reading = from.next();
        const auto line = co_await std::move(reading);
        if (!line) to.push_back("!" + line.error());
        if (!line || !*line) break;
        to.push_back(**line);
      }
      over = true;
    }(input, lines, done));
    EXPECT_TRUE(loop.run_until([&] { return done; }, std::chrono::seconds(20)));
    return lines;
  }

  net::IoLoop loop;
  std::array<int, 2> ends{};
};

TEST_F(InputLinesTest, lines_come_in_order_and_the_last_needs_no_line_feed) {
  InputLines input(loop, ends[0], 100);
  write("one\n\ntwo\nthree");
  end();
  EXPECT_EQ(all(input), (std::vector<std::string>{"one", "", "two", "three"}));
}

TEST_F(InputLinesTest, a_line_that_is_too_long_is_told) {
  InputLines input(loop, ends[0], 10);
  write("short\nlonger than that\n");
  write("and on and on");
  const auto lines = all(input);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front(), "short");
  EXPECT_EQ(lines.back(), "!a line is longer than 10 bytes");
}

TEST_F(InputLinesTest, nobody_waits_for_an_input_that_says_nothing) {
  InputLines input(loop, ends[0], 100);
  loop.post([&] { input.stop(); });
  EXPECT_EQ(all(input), std::vector<std::string>{});
}

}  // namespace
}  // namespace xbus::cli
