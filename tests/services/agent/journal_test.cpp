#include "services/agent/journal.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "bus/limits.hpp"

namespace xbus::agent {
namespace {

// A folder with one journal, made from journal export format by systemd's own tool.
class JournalFolder {
 public:
  explicit JournalFolder(const std::string& exported) {
    std::string pattern = (std::filesystem::temp_directory_path() / "xbus-journal-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    write("host", exported);
  }
  // One more journal in the folder.
  void write(const std::string& name, const std::string& exported) {
    std::ofstream(path_ + "/export") << exported;
    const std::string output = "--output=" + path_ + "/" + name + ".journal", input = path_ + "/export";
    const char* tool = "/lib/systemd/systemd-journal-remote";
    char* const arguments[] = {const_cast<char*>(tool), const_cast<char*>(output.c_str()),
                               const_cast<char*>(input.c_str()), nullptr};
    pid_t child = 0;
    int status = -1;
    made_ = ::posix_spawn(&child, tool, nullptr, nullptr, arguments, environ) == 0 &&
            ::waitpid(child, &status, 0) == child && status == 0;
    std::filesystem::remove(path_ + "/export");
  }
  JournalFolder(const JournalFolder&) = delete;
  JournalFolder& operator=(const JournalFolder&) = delete;
  ~JournalFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  bool made() const { return made_; }

 private:
  std::string path_;
  bool made_ = false;
};

std::string entry(int number, const std::string& fields) {
  return "__CURSOR=s=0123456789abcdef0123456789abcdef;i=" + std::to_string(number) +
         ";b=0123456789abcdef0123456789abcdef;m=1;t=1;x=1\n__REALTIME_TIMESTAMP=" +
         std::to_string(1'700'000'000'000'000 + number) +
         "\n__MONOTONIC_TIMESTAMP=" + std::to_string(number) +
         "\n_BOOT_ID=0123456789abcdef0123456789abcdef\n" + fields + "\n";
}

TEST(Journal, the_last_lines_of_one_unit_come_oldest_first) {
  std::string exported;
  for (int i = 1; i <= 5; ++i)
    exported += entry(
        i, "_SYSTEMD_UNIT=a.service\n_PID=77\nSYSLOG_IDENTIFIER=a\nPRIORITY=3\nMESSAGE=line " +
               std::to_string(i) + "\n");
  exported += entry(6, "_SYSTEMD_UNIT=b.service\n_PID=78\nMESSAGE=other\n");
  exported += entry(
      7, "_PID=1\nUNIT=a.service\nSYSLOG_IDENTIFIER=systemd\nPRIORITY=6\nMESSAGE=Stopped a.\n");
  exported += entry(8, "_PID=99\nUNIT=a.service\nMESSAGE=a lie about a unit\n");
  const JournalFolder folder(exported);
  ASSERT_TRUE(folder.made());
  ASSERT_TRUE(has_journal(folder.path()));
  const auto found = logs("a", 3, folder.path());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ(found->at(0).message, "line 4");
  EXPECT_EQ(found->at(0).priority, "err");
  EXPECT_EQ(found->at(0).pid, 77);
  EXPECT_EQ(found->at(0).program, "a");
  EXPECT_EQ(found->at(0).time, Timestamp(std::chrono::microseconds(1'700'000'000'000'004)));
  EXPECT_EQ(found->at(2).message, "Stopped a.");
  EXPECT_EQ(found->at(2).priority, "info");
  EXPECT_EQ(logs("a.service", 200, folder.path())->size(), 6u);
  EXPECT_EQ(logs("nobody", 200, folder.path())->size(), 0u);
}

TEST(Journal, messages_are_made_printable_and_cut) {
  const size_t limit = limits::agent_log_line_bytes_max;
  const JournalFolder folder(
      entry(1, "_SYSTEMD_UNIT=a.service\nMESSAGE=\x1b[31mred\xff\n") +
      entry(2, "_SYSTEMD_UNIT=a.service\nMESSAGE=" + std::string(limit, 'x') + "\n") +
      entry(3, "_SYSTEMD_UNIT=a.service\nMESSAGE=" + std::string(limit + 1, 'x') + "\n") +
      entry(4, "_SYSTEMD_UNIT=a.service\nMESSAGE=" + std::string(limit, '\x07') + "\n"));
  ASSERT_TRUE(folder.made());
  const auto found = logs("a", 4, folder.path());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ(found->at(0).message, "\\u{1b}[31mred\\xff");
  EXPECT_EQ(found->at(1).message, std::string(limit, 'x'));
  EXPECT_EQ(found->at(2).message, std::string(limit - 3, 'x') + "…");
  EXPECT_LE(found->at(3).message.size(), limit);
  EXPECT_TRUE(found->at(3).message.ends_with("…"));
}

TEST(Journal, unit_and_lines_are_checked_before_anything_is_opened) {
  for (const char* bad : {"", "-a.service", ".service", "a b.service", "a;b.service", "a/b.service",
                          "$(x).service", "a.service\n", "a*.service", "ä.service"})
    EXPECT_EQ(logs(bad, 1, "/nonexistent").error(), JournalError::bad_unit) << bad;
  for (const int32_t bad :
       {0, -1, INT32_MIN, static_cast<int32_t>(limits::agent_log_lines_max) + 1})
    EXPECT_EQ(logs("a", bad, "/nonexistent").error(), JournalError::bad_lines) << bad;
  EXPECT_EQ(logs("a", 1, "/nonexistent").error(), JournalError::none_here);
  EXPECT_FALSE(has_journal("/nonexistent"));
}

TEST(Journal, what_is_written_from_now_on_is_told_by_priority) {
  const std::string unit = "_SYSTEMD_UNIT=a.service\nSYSLOG_IDENTIFIER=a\n";
  JournalFolder folder(entry(1, unit + "PRIORITY=0\nMESSAGE=before\n"));
  ASSERT_TRUE(folder.made());
  std::mutex mutex;
  std::condition_variable changed;
  bool begun = false;
  std::vector<std::string> told;
  JournalFollow follow;
  follow.folder = folder.path();
  follow.least = 4;
  follow.begun = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    begun = true;
    changed.notify_all();
  };
  follow.tell = [&](const LogLine& line, const std::string& of) {
    const std::lock_guard<std::mutex> lock(mutex);
    told.push_back(of + " " + line.priority + " " + line.message);
    changed.notify_all();
  };
  const auto await = [&](auto condition) {
    std::unique_lock<std::mutex> lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), condition);
  };
  Sources sources;
  sources.add([&](const Stop& stop) { EXPECT_TRUE(follow_journal(follow, stop)); });
  ASSERT_TRUE(await([&] { return begun; }));
  folder.write("next", entry(2, unit + "PRIORITY=5\nMESSAGE=notice\n") +
                           entry(3, unit + "PRIORITY=4\nMESSAGE=warning\n") +
                           entry(4, unit + "PRIORITY=0\nMESSAGE=end\n"));
  ASSERT_TRUE(folder.made());
  EXPECT_TRUE(await([&] { return told.size() >= 2; }));
  const std::lock_guard<std::mutex> lock(mutex);
  EXPECT_EQ(told, (std::vector<std::string>{"a.service warning warning", "a.service emerg end"}));
}

TEST(Journal, unit_names) {
  for (const char* good : {"ssh.service", "getty@tty1.service", "dev-disk-by\\x2duuid.device",
                           "user-1000.slice", "a_b:c.timer"})
    EXPECT_TRUE(is_unit_name(good)) << good;
  const std::string edge(limits::agent_unit_bytes_max - 8, 'a');
  EXPECT_TRUE(is_unit_name(edge + ".service"));
  EXPECT_FALSE(is_unit_name(edge + "a.service"));
  EXPECT_FALSE(is_unit_name("ssh"));
}

}  // namespace
}  // namespace xbus::agent
