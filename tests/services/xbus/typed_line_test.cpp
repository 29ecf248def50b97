#include "services/xbus/typed_line.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

using Takes = common::OptionShape::Takes;

common::CommandShape tool() {
  common::CommandShape call;
  call.name = "call";
  call.options = {{"SERVICE", "", Takes::one, {}, true},
                  {"METHOD", "", Takes::one, {}, true},
                  {"ARGS", "", Takes::many, {}, false},
                  {"--instance", "", Takes::one, {}, false},
                  {"--one-way", "", Takes::nothing, {}, false}};
  common::CommandShape account;
  account.name = "account";
  account.verbs.emplace_back().name = "add";
  account.verbs.back().options = {{"NAME", "", Takes::one, {}, true}};
  common::CommandShape program;
  program.name = "xbus";
  program.options = {{"-o,--output", "", Takes::one, {"json", "table"}, false},
                     {"--bus", "", Takes::one, {}, false}};
  program.verbs = {call, account};
  return program;
}

struct Read {
  explicit Read(std::vector<std::string> words) : line(typed_line(program, words)) {}
  common::CommandShape program = tool();
  TypedLine line;
};

TEST(TypedLine, verbs_positions_and_options_are_told_apart) {
  const Read read({"--bus", "unix:/x", "call", "--one-way", "agent", "--instance=h", "-5", "lo"});
  EXPECT_EQ(read.line.shape().name, "call");
  EXPECT_EQ(read.line.positions, (std::vector<std::string>{"agent", "-5"}));
  EXPECT_EQ(read.line.at("SERVICE"), "agent");
  EXPECT_EQ(read.line.at("METHOD"), "-5");
  EXPECT_EQ(read.line.options.at("--bus"), "unix:/x");
  EXPECT_EQ(read.line.options.at("--instance"), "h");
  EXPECT_EQ(read.line.last, "lo");
  EXPECT_EQ(read.line.position()->name, "ARGS");
  EXPECT_EQ(read.line.pending, nullptr);
}

TEST(TypedLine, the_last_word_may_be_the_value_of_an_option) {
  const Read apart({"call", "a", "--instance", "h"});
  ASSERT_NE(apart.line.pending, nullptr);
  EXPECT_EQ(apart.line.pending->name, "--instance");
  EXPECT_EQ(apart.line.last, "h");
  const Read joined({"call", "--output=j"});
  ASSERT_NE(joined.line.pending, nullptr);
  EXPECT_EQ(joined.line.pending->name, "-o,--output");
  EXPECT_EQ(joined.line.before, "--output=");
  EXPECT_EQ(joined.line.last, "j");
  const Read by_letter({"-o", ""});
  ASSERT_NE(by_letter.line.pending, nullptr);
}

TEST(TypedLine, actions_are_verbs_of_verbs) {
  const Read read({"account", "add", "c"});
  EXPECT_EQ(read.line.path.size(), 3u);
  EXPECT_EQ(read.line.position()->name, "NAME");
  // A service may be called like a verb.
  const Read named({"call", "account", ""});
  EXPECT_EQ(named.line.path.size(), 2u);
  EXPECT_EQ(named.line.at("SERVICE"), "account");
}

TEST(TypedLine, behind_two_dashes_everything_is_a_position) {
  const Read read({"call", "a", "b", "--", "--bus", "--in"});
  EXPECT_TRUE(read.line.only_positions);
  EXPECT_EQ(read.line.positions, (std::vector<std::string>{"a", "b", "--bus"}));
  EXPECT_EQ(read.line.pending, nullptr);
}

TEST(TypedLine, a_line_is_split_as_a_shell_does) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(words_of_line(""), Words{""});
  EXPECT_EQ(words_of_line("xbus call "), (Words{"xbus", "call", ""}));
  EXPECT_EQ(words_of_line("a  'b c' \"d e\"f g\\ h"), (Words{"a", "b c", "d ef", "g h"}));
  EXPECT_EQ(words_of_line("a 'open quo"), (Words{"a", "open quo"}));
  EXPECT_EQ(words_of_line("a '' "), (Words{"a", "", ""}));
  EXPECT_EQ(words_of_line("\\"), Words{"\\"});
}

}  // namespace
}  // namespace xbus::cli
