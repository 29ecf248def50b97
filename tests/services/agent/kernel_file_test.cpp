#include "services/agent/kernel_file.hpp"

#include <gtest/gtest.h>

#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

TEST(KernelFile, a_file_is_read_to_its_end_or_to_the_limit) {
  EXPECT_EQ(*kernel_file(fixture("proc/uptime")), "12345.67 20000.00\n");
  EXPECT_EQ(*kernel_file(fixture("proc/uptime"), 5), "12345");
  EXPECT_EQ(kernel_file(fixture("nothing")).error(), KernelError::unreadable);
  EXPECT_EQ(kernel_file(fixture("proc")).error(), KernelError::unreadable);  // a folder
}

TEST(KernelFile, lines_and_fields) {
  std::string_view text = "one\n\ntwo three";
  EXPECT_EQ(next_line(&text), "one");
  EXPECT_EQ(next_line(&text), "");
  EXPECT_EQ(next_line(&text), "two three");
  EXPECT_EQ(next_line(&text), std::nullopt);
  EXPECT_EQ(fields("  a\tb  c "), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_TRUE(fields(" \t").empty());
}

TEST(KernelFile, numbers_are_whole_or_nothing_and_never_wrap) {
  EXPECT_EQ(whole_number("-12"), -12);
  EXPECT_EQ(whole_number("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(whole_number("18446744073709551615"), INT64_MAX);
  for (const char* bad : {"", "12x", " 12", "1.5", "99999999999999999999", "-9223372036854775809"})
    EXPECT_EQ(whole_number(bad), std::nullopt) << bad;
  EXPECT_EQ(real_number("0.25"), 0.25);
  for (const char* bad : {"", "x", "1.5 ", "nan(", "1e5x"})
    EXPECT_EQ(real_number(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace xbus::agent
