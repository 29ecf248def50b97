#include "bus/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace xbus {
namespace {

enum class Why { small, large };

Result<int, Why> even(int value) {
  if (value % 2 != 0) return Err{Why::small};
  return value;
}
Result<void, Why> positive(int value) {
  if (value <= 0) return Err{Why::large};
  return {};
}

TEST(Result, holds_a_value_or_an_error) {
  EXPECT_TRUE(even(2));
  EXPECT_EQ(*even(2), 2);
  EXPECT_FALSE(even(3));
  EXPECT_EQ(even(3).error(), Why::small);
  EXPECT_EQ(even(3).value_or(8), 8);
  EXPECT_TRUE(positive(1));
  EXPECT_EQ(positive(0).error(), Why::large);
}

TEST(Result, the_two_sides_may_be_of_one_type) {
  const Result<std::string, std::string> right(std::string("value"));
  const Result<std::string, std::string> wrong(Err{std::string("error")});
  EXPECT_EQ(*right, "value");
  EXPECT_EQ(wrong.error(), "error");
}

TEST(Result, moves_what_only_moves) {
  Result<std::unique_ptr<int>, Why> result(std::make_unique<int>(3));
  std::unique_ptr<int> out = std::move(*result);
  EXPECT_EQ(*out, 3);
}

}  // namespace
}  // namespace xbus
