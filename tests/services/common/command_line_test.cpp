#include "services/common/command_line.hpp"

#include <gtest/gtest.h>

namespace xbus::common {
namespace {

struct Tool {
  Tool()
      : line("tool", "Does things.", "1.2.3"),
        call(line.verb("call", "calls")),
        list(line.verb("list", "lists")) {
    line.text("--bus", bus, "where");
    line.flag("-v,--verbose", verbose, "more");
    call.text("SERVICE", service, "which", CommandLine::Need::required);
    call.texts("ARGS", words, "what");
    call.seconds("--timeout", timeout, 0.001, 100, "how long");
    call.texts("--also", also, "and");
    list.choice("--output", output, {"json", "table"}, "how");
    list.text_if_any("--json", json, json_given, "maybe");
    list.number("--top", top, 1, 5, "how many");
  }
  std::optional<int> parse(std::vector<const char*> words_given) {
    words_given.insert(words_given.begin(), "tool");
    return line.parse(static_cast<int>(words_given.size()), words_given.data());
  }
  CommandLine line;
  CommandLine &call, &list;
  std::string bus, service, output = "table";
  std::vector<std::string> words, also;
  double timeout = 10;
  int64_t top = 3;
  std::optional<std::string> json;
  bool verbose = false, json_given = false;
};

TEST(CommandLine, verbs_with_positions_and_options_in_any_order) {
  Tool tool;
  EXPECT_EQ(tool.parse({"call", "agent", "--timeout", "2.5", "a", "--bus", "unix:/x", "b c", "-v",
                        "--also", "1", "--also=2"}),
            std::nullopt);
  EXPECT_TRUE(tool.call.given());
  EXPECT_FALSE(tool.list.given());
  EXPECT_EQ(tool.service, "agent");
  EXPECT_EQ(tool.words, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(tool.also, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(tool.bus, "unix:/x");
  EXPECT_EQ(tool.timeout, 2.5);
  EXPECT_TRUE(tool.verbose);
}

TEST(CommandLine, numbers_below_zero_are_values) {
  Tool tool;
  EXPECT_EQ(tool.parse({"call", "calc", "-5", "-.5", "x", "-1e3"}), std::nullopt);
  EXPECT_EQ(tool.words, (std::vector<std::string>{"-5", "-.5", "x", "-1e3"}));
}

TEST(CommandLine, behind_two_dashes_everything_is_a_value) {
  Tool tool;
  EXPECT_EQ(
      tool.parse({"call", "calc", "--timeout", "1", "--", "--bus", "-v", "-5", "[1,2]", "--"}),
      std::nullopt);
  EXPECT_EQ(tool.words, (std::vector<std::string>{"--bus", "-v", "-5", "[1,2]", "--"}));
  EXPECT_FALSE(tool.verbose);
}

TEST(CommandLine, behind_two_dashes_and_other_values_too) {
  Tool tool, flag;
  EXPECT_EQ(tool.parse({"call", "calc", "a", "--", "-5", "--also", "b"}), std::nullopt);
  EXPECT_EQ(tool.words, (std::vector<std::string>{"a", "-5", "--also", "b"}));
  EXPECT_EQ(flag.parse({"call", "calc", "++", "--", "-v", "++"}), std::nullopt);
  EXPECT_EQ(flag.words, (std::vector<std::string>{"++", "-v", "++"}));
  EXPECT_FALSE(flag.verbose);
}

TEST(CommandLine, mistakes_are_told_in_words_of_our_own) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases = {
      {{"call", "s", "--timeout", "x"},
       "tool: call: --timeout: \"x\" is no number of seconds from 0.001 to 100; see tool call --help\n"},
      {{"call", "s", "--timeout", "nan"},
       "tool: call: --timeout: \"nan\" is no number of seconds from 0.001 to 100; see tool call --help\n"},
      {{"list", "--top", "-3"},
       "tool: list: --top: \"-3\" is no whole number from 1 to 5; see tool list --help\n"},
      {{"list", "--output", "xml"},
       "tool: list: --output: \"xml\" is none of json, table; see tool list --help\n"},
      {{"call", "s", "--bus"}, "tool: call: --bus needs a value; see tool call --help\n"},
      {{"--bus", "a", "--bus", "b"}, "tool: --bus is given more than once; see tool --help\n"},
      {{"--verbose=maybe"}, "tool: --verbose takes no value; see tool --help\n"},
      {{"call"}, "tool: call: SERVICE is required; see tool call --help\n"},
      {{"list", "extra"}, "tool: list: \"extra\" is one word too many; see tool list --help\n"},
      {{"frobnicate"}, "tool: there is no verb frobnicate; see tool --help\n"}};
  for (const auto& [words, line] : cases) {
    Tool tool;
    testing::internal::CaptureStderr();
    EXPECT_EQ(tool.parse(words), 2);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), line);
  }
}

TEST(CommandLine, a_verb_of_a_verb_is_named_with_it) {
  const auto told = [](std::vector<const char*> words) {
    CommandLine line("tool", "Does things.", "1");
    std::string name;
    line.verb("account", "accounts").verb("add", "one more").text("NAME", name, "whose", CommandLine::Need::required);
    words.insert(words.begin(), "tool");
    testing::internal::CaptureStderr();
    EXPECT_EQ(line.parse(static_cast<int>(words.size()), words.data()), 2);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(told({"account", "add"}), "tool: account add: NAME is required; see tool account add --help\n");
  EXPECT_EQ(told({"account", "frobnicate"}),
            "tool: account: there is no verb frobnicate; see tool account --help\n");
}

TEST(CommandLine, values_are_not_interpreted) {
  Tool tool;
  EXPECT_EQ(
      tool.parse({"call", "s", "", "{\"a\": [1, 2]}", "[1,2]", "a,b", "%x", "a=b", "--also=[1,2]"}),
      std::nullopt);
  EXPECT_EQ(tool.words,
            (std::vector<std::string>{"", "{\"a\": [1, 2]}", "[1,2]", "a,b", "%x", "a=b"}));
  EXPECT_EQ(tool.also, std::vector<std::string>{"[1,2]"});
}

TEST(CommandLine, a_value_may_be_left_out_where_it_is_said) {
  Tool bare, with, without;
  EXPECT_EQ(bare.parse({"list", "--json"}), std::nullopt);
  EXPECT_TRUE(bare.json_given);
  EXPECT_EQ(bare.json, std::nullopt);
  EXPECT_EQ(with.parse({"list", "--json", "-"}), std::nullopt);
  EXPECT_TRUE(with.json_given);
  EXPECT_EQ(with.json, "-");
  EXPECT_EQ(without.parse({"list"}), std::nullopt);
  EXPECT_FALSE(without.json_given);
}

TEST(CommandLine, without_a_verb_nothing_is_given) {
  Tool tool;
  EXPECT_EQ(tool.parse({"--bus", "x"}), std::nullopt);
  EXPECT_FALSE(tool.call.given());
  EXPECT_FALSE(tool.list.given());
}

TEST(CommandLine, help_and_version_end_well_and_mistakes_are_usage) {
  for (const char* word : {"--help", "-h", "--version"}) {
    Tool tool;
    EXPECT_EQ(tool.parse({word}), 0) << word;
  }
  Tool tool;
  EXPECT_EQ(tool.parse({"call", "--help"}), 0);
  const std::vector<std::vector<const char*>> wrong = {{"frobnicate"},
                                                       {"call"},
                                                       {"--nothing"},
                                                       {"call", "s", "--nothing"},
                                                       {"call", "s", "--timeout", "0"},
                                                       {"call", "s", "--timeout", "x"},
                                                       {"list", "--output", "xml"},
                                                       {"list", "--top", "6"},
                                                       {"list", "extra"},
                                                       {"call", "s", "--bus"}};
  for (const auto& words : wrong) {
    Tool other;
    EXPECT_EQ(other.parse(words), 2) << words.front() << " " << words.back();
  }
}

}  // namespace
}  // namespace xbus::common
