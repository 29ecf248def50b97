#include "services/agent/source.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace xbus::agent {
namespace {

TEST(Source, stopping_comes_before_all_else) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  Stop stop;
  EXPECT_EQ(wait_for(pipe[0], POLLIN, stop, std::chrono::milliseconds(1)), Woken::time);
  EXPECT_EQ(wait_for(-1, 0, stop, Duration(0)), Woken::time);
  ASSERT_EQ(::write(pipe[1], "x", 1), 1);
  EXPECT_EQ(wait_for(pipe[0], POLLIN, stop), Woken::ready);
  stop.say();
  EXPECT_EQ(wait_for(pipe[0], POLLIN, stop), Woken::stopped);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST(Source, sources_end_with_what_holds_them_and_hear_no_signals) {
  std::atomic<int> ended{0};
  std::atomic<bool> deaf{true};
  {
    Sources sources;
    for (int i = 0; i < 3; ++i)
      sources.add([&](const Stop& stop) {
        sigset_t blocked;
        ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
        if (::sigismember(&blocked, SIGTERM) != 1) deaf = false;
        if (wait_for(-1, 0, stop) == Woken::stopped) ++ended;
      });
  }
  EXPECT_EQ(ended, 3);
  EXPECT_TRUE(deaf);
  sigset_t own;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &own);
  EXPECT_EQ(::sigismember(&own, SIGTERM), 0);
}

}  // namespace
}  // namespace xbus::agent
