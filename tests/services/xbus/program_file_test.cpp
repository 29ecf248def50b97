// Commands that can be run, and what is said of the others.
#include "services/xbus/program_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace xbus::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ProgramFile, what_can_be_run_is_found_as_exec_finds_it) {
  EXPECT_EQ(why_not_runnable("/bin/cat"), std::nullopt);
  EXPECT_EQ(why_not_runnable("cat"), std::nullopt);
}

TEST(ProgramFile, what_cannot_says_why) {
  char name[] = "/tmp/xbus-program-XXXXXX";
  const std::string folder = mkdtemp(name);
  const std::string file = folder + "/plain";
  std::ofstream(file) << "text";
  chmod(file.c_str(), 0600);
  const auto why = [](const std::string& program) { return why_not_runnable(program).value_or("it can"); };
  EXPECT_EQ(why(""), "a command is missing");
  EXPECT_EQ(why(folder + "/none"), "\"" + folder + "/none\": No such file or directory");
  EXPECT_THAT(why("no-such-command-at-all"), HasSubstr("no such command"));
  EXPECT_THAT(why(folder), HasSubstr("a folder"));
  EXPECT_THAT(why("/dev/null"), HasSubstr("no file"));
  EXPECT_THAT(why(file), HasSubstr("chmod +x"));
  EXPECT_THAT(why("/bin/cat -n"), HasSubstr("go behind --"));
  EXPECT_THAT(why("cat -n"), HasSubstr("go behind --"));
  EXPECT_THAT(why("./none -n"), Not(HasSubstr("--,")));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace xbus::cli
