#include "services/common/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "rpc/json.hpp"

namespace xbus::common {
namespace {

using namespace std::chrono_literals;

const Timestamp noon(1'700'000'000s);

TEST(Log, a_line_for_people) {
  EXPECT_EQ(
      Log::line(LogFormat::text, noon, LogLevel::info, "logged in",
                {{"jid", "juliet@localhost/x"}, {"why", "two words"}, {"empty", ""}}),
      "2023-11-14T22:13:20Z info logged in jid=juliet@localhost/x why=\"two words\" empty=\"\"\n");
}

TEST(Log, a_line_for_programs_is_one_json_object) {
  const std::string line = Log::line(LogFormat::json, noon, LogLevel::error, "it failed",
                                     {{"why", "a \"b\"\n"}, {"bad", "\xff"}});
  EXPECT_EQ(line,
            "{\"time\":\"2023-11-14T22:13:20Z\",\"level\":\"error\",\"event\":\"it failed\","
            "\"why\":\"a \\\"b\\\"\\n\",\"bad\":\"\\ufffd\"}\n");
  EXPECT_TRUE(json_value(line));
}

TEST(Log, nothing_in_a_field_makes_another_line_or_acts_on_a_terminal) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line = Log::line(format, noon, LogLevel::info, "e\n\x1b[2J",
                                       {{"k", "a\n2026 info forged\x1b\u202e"}});
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_EQ(line.find("\u202e"), std::string::npos);
  }
}

TEST(Log, lines_below_the_level_are_not_written) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Log log(LogFormat::text, LogLevel::warn, ends[1]);
  log.info("quiet");
  log.error("loud");
  log("warn", "through the bus's form", {});
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ASSERT_GT(size, 0);
  text.resize(static_cast<size_t>(size));
  ::close(ends[0]);
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_NE(text.find(" error loud\n"), std::string::npos);
  EXPECT_NE(text.find(" warn through"), std::string::npos);
}

TEST(Log, copies_share_the_level) {
  const Log log;
  const Log copy = log;
  EXPECT_EQ(copy.level(), LogLevel::info);
  log.set_level(LogLevel::error);
  EXPECT_EQ(copy.level(), LogLevel::error);
}

TEST(Log, names_of_levels_and_formats) {
  EXPECT_EQ(log_level_of("debug"), LogLevel::debug);
  EXPECT_EQ(log_level_of("loud"), std::nullopt);
  EXPECT_EQ(log_format_of("json"), LogFormat::json);
  EXPECT_EQ(log_format_of("xml"), std::nullopt);
}

}  // namespace
}  // namespace xbus::common
