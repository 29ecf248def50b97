#include "services/common/similar.hpp"

#include <gtest/gtest.h>

namespace xbus::common {
namespace {

const std::vector<std::string> verbs = {"list", "describe", "call", "ping", "drain", "interfaces"};

TEST(Similar, a_letter_more_less_other_or_swapped) {
  EXPECT_EQ(similar("lisst", verbs), "list");
  EXPECT_EQ(similar("lst", verbs), "list");
  EXPECT_EQ(similar("cull", verbs), "call");
  EXPECT_EQ(similar("pign", verbs), "ping");
  EXPECT_EQ(similar("PNG", verbs), "ping");
}

TEST(Similar, two_letters_in_long_words_only) {
  EXPECT_EQ(similar("interfcse", verbs), "interfaces");
  EXPECT_EQ(similar("desrcibee", verbs), "describe");
  EXPECT_EQ(similar("lisp2", verbs), "");
  EXPECT_EQ(similar("intxrfcse", verbs), "");
}

TEST(Similar, nothing_near_and_the_word_itself) {
  EXPECT_EQ(similar("frobnicate", verbs), "");
  EXPECT_EQ(similar("call", verbs), "");
  EXPECT_EQ(similar("", verbs), "");
  EXPECT_EQ(similar("cal", {"call", "cal"}), "");
  EXPECT_EQ(similar(std::string(65, 'x'), {std::string(66, 'x')}), "");
  EXPECT_EQ(similar(std::string(64, 'x'), {std::string(63, 'x'), std::string(65, 'x')}),
            std::string(63, 'x'));
}

TEST(Similar, the_nearest_wins) { EXPECT_EQ(similar("drains", {"drafts", "drain"}), "drain"); }

}  // namespace
}  // namespace xbus::common
