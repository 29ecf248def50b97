#include "services/xbus/table.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

const Terminal pipe_end{};
const Terminal narrow{true, false, 20};
const Terminal coloured{true, true, 80};

TEST(Table, columns_are_in_line) {
  Table table({{"NAME"}, {"N", Align::right}, {"LAST"}});
  table.add({"a", "1", "x"});
  table.add({"日本", "1000"});
  table.add({"e\u0301", "20", "y", "beyond"});
  EXPECT_EQ(table.text(pipe_end),
            "NAME     N  LAST\n"
            "a        1  x\n"
            "日本  1000\n"
            "e\u0301       20  y\n");
}

TEST(Table, without_rows_it_is_nothing) { EXPECT_EQ(Table({{"A"}}).text(pipe_end), ""); }

TEST(Table, rows_wider_than_the_terminal_become_blocks) {
  Table table({{"name"}, {"address"}, {"note"}});
  table.add({"a", "192.0.2.1/24", ""});
  table.add({"b", "192.0.2.2/24", "second"});
  EXPECT_EQ(table.text(narrow),
            "name     a\n"
            "address  192.0.2.1/24\n"
            "\n"
            "name     b\n"
            "address  192.0.2.2/24\n"
            "note     second\n");
}

TEST(Table, cells_and_names_cannot_act_on_the_terminal) {
  Table table({{"N\x1b[1m"}, {"B"}});
  table.add({"\x1b[2Ja\nb", "\u202e"});
  EXPECT_EQ(table.text(pipe_end),
            "N\\u{1b}[1m        B\n"
            "\\u{1b}[2Ja\\u{a}b  \\u{202e}\n");
}

TEST(Table, names_are_bold_where_there_is_colour) {
  Table table({{"A"}, {"B"}});
  table.add({"xx", "y"});
  EXPECT_EQ(table.text(coloured), "\x1b[1mA\x1b[0m   \x1b[1mB\x1b[0m\nxx  y\n");
}

}  // namespace
}  // namespace xbus::cli
