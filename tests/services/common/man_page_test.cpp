#include "services/common/man_page.hpp"

#include <gtest/gtest.h>

#include "services/common/command_line.hpp"

namespace xbus::common {
namespace {

CommandShape tool() {
  CommandLine line("tool", "Does things.", "1.2.3");
  static std::string bus, service;
  static std::vector<std::string> words;
  static bool json = false;
  line.text("--bus", bus, "where");
  line.flag("-j,--json", json, "for programs");
  line.section("Exit status", {{"0", "done"}});
  CommandLine& call = line.verb("call", "call a method");
  call.text("SERVICE", service, "which", CommandLine::Need::required);
  call.texts("ARGS", words, "what");
  call.details(".so /etc/passwd").example("tool call a 'b c' -5 | sort", "Calls it.");
  line.verb("complete", "thinks").hide();
  return line.shape();
}

TEST(ManPage, a_page_for_the_program_and_each_verb_for_people) {
  const auto pages = man_pages(tool(), "1", "tool 1.2.3");
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(pages[0].file_name(), "tool.1");
  EXPECT_EQ(pages[1].file_name(), "tool-call.1");
  const std::string& program = pages[0].text();
  EXPECT_TRUE(program.starts_with(".TH \"TOOL\" \"1\" \"\" \"tool 1.2.3\"\n")) << program;
  EXPECT_NE(program.find(".SH \"EXIT STATUS\"\n.TP\n.B \"0\"\ndone\n"), std::string::npos);
  EXPECT_NE(program.find(".B \"\\-j, \\-\\-json\"\nfor programs\n"), std::string::npos) << program;
  EXPECT_EQ(program.find("complete"), std::string::npos);
  EXPECT_NE(program.find("tool\\-call(1)"), std::string::npos);
}

TEST(ManPage, what_is_typed_stays_as_it_is_and_no_text_is_a_request) {
  const auto pages = man_pages(tool(), "1", "tool 1.2.3");
  const std::string& page = pages.at(1).text();
  EXPECT_NE(page.find("\ntool call SERVICE [ARGS...]\n"), std::string::npos) << page;
  EXPECT_NE(page.find("\n\\&.so /etc/passwd\n"), std::string::npos) << page;
  EXPECT_NE(page.find("tool call a \\(aqb c\\(aq \\-5 | sort"), std::string::npos) << page;
}

TEST(ManPage, the_options_of_each_action_stand_under_its_name) {
  CommandLine line("tool", "Does things.", "1.2.3");
  std::string name, file;
  CommandLine& account = line.verb("account", "the accounts");
  account.verb("list", "all of them");
  CommandLine& add = account.verb("add", "make one");
  add.text("NAME", name, "which", CommandLine::Need::required);
  CommandLine& rename = account.verb("rename", "give it another name");
  rename.text("--file", file, "where that stands");
  const std::string page = man_pages(line.shape(), "1", "tool 1.2.3").at(1).text();
  EXPECT_NE(page.find(".SH \"ACCOUNT ADD\"\n.TP\n.B \"NAME\"\nwhich\n"), std::string::npos) << page;
  EXPECT_NE(page.find(".SH \"ACCOUNT RENAME\"\n.TP\n"), std::string::npos) << page;
  EXPECT_EQ(page.find("ACCOUNT LIST"), std::string::npos) << page;
}

TEST(ManPage, a_page_is_composed_by_hand_too) {
  ManPage page("tool.toml", "5", "configuration", "tool 1.2.3");
  page.heading("Keys").entry("listen", "where \\ it \"listens\"").example("Like so:", "a = 'b'");
  EXPECT_EQ(page.file_name(), "tool.toml.5");
  EXPECT_NE(page.text().find("where \\e it \"listens\"\n"), std::string::npos) << page.text();
}

TEST(ManPage, a_folder_that_is_not_there_is_an_error) {
  const auto pages = man_pages(tool(), "1", "tool 1.2.3");
  EXPECT_EQ(write_pages(pages, "/nonexistent"), "/nonexistent/tool.1 cannot be written");
}

}  // namespace
}  // namespace xbus::common
