#include "services/common/key_shape.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xbus::common {
namespace {

using testing::HasSubstr;

std::vector<KeyGroup> groups() {
  return {{"First", {{.name = "one", .type = "string", .value = "\"x\"", .about = "What one is."}}},
          {"Second",
           {{.name = "names",
             .type = "table of strings",
             .shown = "a = \"b\"\nc = \"d\"",
             .about = "Names.",
             .table = true},
            {.name = "two",
             .type = "list",
             .value = "",
             .shown = "[\"y\"]",
             .about = "What two is."}}}};
}

TEST(KeyShape, a_page_has_each_key_with_its_type_and_default) {
  ManPage page("x.toml", "5", "about", "x 1");
  add_keys(page, groups());
  EXPECT_THAT(page.text(),
              HasSubstr(".SH \"FIRST\"\n.TP\n.B \"one\"\n(string; default \"x\") What one is.\n"));
  EXPECT_THAT(page.text(), HasSubstr(".B \"[names]\"\n(table of strings) Names.\n"));
}

TEST(KeyShape, a_file_has_each_key_as_a_comment_and_tables_last) {
  EXPECT_EQ(annotated_file("Head.", groups()),
            "# Head.\n\n#### First\n\n# What one is.\n#one = \"x\"\n\n#### Second\n\n# What two "
            "is.\n#two = [\"y\"]\n"
            "\n#### Tables; what stands below one belongs to it\n\n# Names.\n#[names]\n#a = "
            "\"b\"\n#c = \"d\"\n");
}

TEST(KeyShape, long_comments_are_wrapped) {
  const std::string file = annotated_file(std::string(60, 'a') + " " + std::string(60, 'b'), {});
  EXPECT_EQ(file, "# " + std::string(60, 'a') + "\n# " + std::string(60, 'b') + "\n");
}

}  // namespace
}  // namespace xbus::common
