// Words of a line as a shell has them.
#include "rpc/words.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

using Words = std::vector<std::string>;

TEST(Words, white_space_parts_them) {
  EXPECT_EQ(*shell_words("  add  1\t2\n3 "), (Words{"add", "1", "2", "3"}));
  EXPECT_EQ(*shell_words(" "), Words{});
}

TEST(Words, quotes_keep_together) {
  EXPECT_EQ(*shell_words(R"(say 'two words' "and \"three\" more" a' 'b)"),
            (Words{"say", "two words", "and \"three\" more", "a b"}));
  EXPECT_EQ(*shell_words(R"('' "")"), (Words{"", ""}));
  EXPECT_EQ(*shell_words(R"(add '{"a": 1}')"), (Words{"add", R"({"a": 1})"}));
  EXPECT_EQ(*shell_words(R"('a\b' "a\b" a\ b \')"), (Words{R"(a\b)", R"(a\b)", "a b", "'"}));
}

TEST(Words, what_is_open_is_an_error) {
  EXPECT_FALSE(shell_words("a 'b"));
  EXPECT_FALSE(shell_words("a \"b"));
  EXPECT_FALSE(shell_words("a \\"));
}

}  // namespace
}  // namespace xbus
