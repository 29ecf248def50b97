#include "services/xbus/server_usage.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace xbus::cli {
namespace {

TEST(ServerUsage, a_process_has_its_children_with_it) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto tree = process_tree({::getpid()});
  EXPECT_EQ(tree.front(), ::getpid());
  EXPECT_NE(std::find(tree.begin(), tree.end(), child), tree.end());
  EXPECT_GT(usage_of(tree)->resident_bytes, usage_of({::getpid()})->resident_bytes);

  ::kill(child, SIGKILL);
  // It is a zombie until somebody asks, and uses nothing.
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(usage_of({child}));
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(usage_of({child}));
  EXPECT_TRUE(process_tree({child}).empty());
}

TEST(ServerUsage, work_is_seen) {
  const std::vector<int> self = {::getpid()};
  const Duration before = usage_of(self)->cpu;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (usage_of(self)->cpu == before && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_GT(usage_of(self)->cpu, before);
}

TEST(ServerUsage, nobody_uses_nothing) {
  EXPECT_TRUE(process_tree({}).empty());
  EXPECT_EQ(usage_of({})->cpu, Duration{});
}

}  // namespace
}  // namespace xbus::cli
