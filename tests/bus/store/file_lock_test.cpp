// A lock file: one holder at a time, nothing stale.
#include "bus/store/file_lock.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace xbus::store {
namespace {

class FileLockTest : public testing::Test {
 protected:
  FileLockTest() : folder_(mkdtemp(name_)), file_(folder_ + "/lock") {}
  ~FileLockTest() override { std::filesystem::remove_all(folder_); }

  char name_[32] = "/tmp/xbus-lock-XXXXXX";
  std::string folder_, file_;
};

TEST_F(FileLockTest, is_held_once_and_let_go_with_its_object) {
  {
    auto first = FileLock::take(file_);
    ASSERT_TRUE(first.ok());
    struct stat info {};
    ASSERT_EQ(stat(file_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    auto second = FileLock::take(file_);
    ASSERT_FALSE(second.ok());
    EXPECT_TRUE(second.error().in_use);
    EXPECT_EQ(second.error().text, "in use by another process, pid " + std::to_string(getpid()));
  }
  EXPECT_TRUE(FileLock::take(file_).ok());
}

TEST_F(FileLockTest, a_holder_that_is_killed_leaves_nothing_stale) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto held = FileLock::take(file_);
    if (!held.ok() || write(ready[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  auto second = FileLock::take(file_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().text, "in use by another process, pid " + std::to_string(child));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(FileLock::take(file_).ok());
  close(ready[0]);
  close(ready[1]);
}

TEST_F(FileLockTest, a_file_that_says_no_pid_is_a_lock_all_the_same) {
  auto held = FileLock::take(file_);
  ASSERT_TRUE(held.ok());
  std::ofstream(file_) << "?\n";
  auto second = FileLock::take(file_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().text, "in use by another process");
}

TEST_F(FileLockTest, a_place_that_takes_no_file_is_told) {
  auto none = FileLock::take(folder_ + "/none/lock");
  ASSERT_FALSE(none.ok());
  EXPECT_FALSE(none.error().in_use);
  EXPECT_EQ(none.error().text, "No such file or directory");
}

}  // namespace
}  // namespace xbus::store
