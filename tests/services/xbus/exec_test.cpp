#include "services/xbus/exec.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using Kind = Ending::Kind;

// The commands below are scripts so that they are easy to read; run_command itself starts no shell.
Command script(const std::string& text) {
  ::signal(SIGPIPE, SIG_IGN);
  Command command;
  command.words = {"/bin/sh", "-c", text};
  command.time_max = 20s;
  return command;
}

TEST(Exec, output_status_and_last_line_of_errors_come_back) {
  const Ending ending =
      run_command(script("echo one; echo two; echo bad >&2; echo worse >&2; echo >&2; exit 3"));
  EXPECT_EQ(ending.kind, Kind::exited);
  EXPECT_EQ(ending.status, 3);
  EXPECT_EQ(ending.output, "one\ntwo\n");
  EXPECT_EQ(ending.error_line, "worse");
}

TEST(Exec, the_command_is_run_directly_and_its_words_stay_words) {
  Command command;
  command.words = {"printf", "%s|", "a b", "$HOME", "`id`", "; rm -rf x", "*", ""};
  command.time_max = 20s;
  const Ending ending = run_command(command);
  EXPECT_EQ(ending.kind, Kind::exited);
  EXPECT_EQ(ending.output, "a b|$HOME|`id`|; rm -rf x|*||");
}

TEST(Exec, what_is_not_there_or_no_program_is_not_started) {
  Command command;
  command.time_max = 20s;
  command.words = {"/nonexistent/program"};
  EXPECT_EQ(run_command(command).kind, Kind::not_started);
  EXPECT_EQ(run_command(command).status, ENOENT);
  command.words = {"/etc"};
  EXPECT_EQ(run_command(command).status, EACCES);
  command.words = {};
  EXPECT_EQ(run_command(command).kind, Kind::not_started);
}

TEST(Exec, input_of_any_size_is_read_while_output_is_written) {
  Command command = script("cat");
  command.input = std::string(900'000, 'x');
  EXPECT_EQ(run_command(command).output, command.input);
  command = script("exit 0");  // reads nothing of it
  command.input = std::string(900'000, 'x');
  EXPECT_EQ(run_command(command).kind, Kind::exited);
  command = script("cat; echo end");
  EXPECT_EQ(run_command(command).output, "end\n");
}

TEST(Exec, output_is_bounded_to_the_byte) {
  Command command = script("printf 12345");
  command.output_bytes_max = 5;
  EXPECT_EQ(run_command(command).output, "12345");
  command.output_bytes_max = 4;
  const Ending ending = run_command(command);
  EXPECT_EQ(ending.kind, Kind::oversize);
  EXPECT_EQ(ending.output, "");
  command = script("cat /dev/zero");
  EXPECT_EQ(run_command(command).kind, Kind::oversize);
}

TEST(Exec, errors_without_end_meet_the_deadline_and_take_no_memory) {
  Command command = script("cat /dev/zero >&2");
  command.time_max = 300ms;
  const Ending ending = run_command(command);
  EXPECT_EQ(ending.kind, Kind::timed_out);
  EXPECT_EQ(ending.error_line.size(), limits::exec_error_line_bytes_max);
}

TEST(Exec, the_deadline_kills_the_whole_group) {
  // The grandchild ignores what can be ignored and holds a pipe of ours, whose end shows that it is
  // gone.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string path = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(ends[1]);
  Command command = script("exec 9>" + path + "; (trap '' TERM INT HUP; sleep 600) & wait");
  command.time_max = 300ms;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(run_command(command).kind, Kind::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);
  ::close(ends[0]);
}

TEST(Exec, what_the_command_leaves_behind_in_its_group_ends_with_it) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string path = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(ends[1]);
  const Ending ending = run_command(script("exec 9>" + path + "; sleep 600 & echo done"));
  EXPECT_EQ(ending.kind, Kind::exited);
  EXPECT_EQ(ending.output, "done\n");
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);
  ::close(ends[0]);
}

TEST(Exec, a_session_of_its_own_is_no_way_out) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::string path = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(ends[1]);
  // Orphans of orphans, each in a session of its own.
  Command at_end =
      script("exec 9>" + path + "; (setsid sh -c '(setsid sleep 600 &); sleep 600' &) ; echo done");
  EXPECT_EQ(run_command(at_end).output, "done\n");
  Command at_deadline = script("exec 9>" + path +
                               "; (setsid sh -c \"trap '' TERM; (setsid sleep 600 &); sleep 600\" "
                               "&); sleep 600");
  at_deadline.time_max = 300ms;
  EXPECT_EQ(run_command(at_deadline).kind, Kind::timed_out);
  ::close(ends[1]);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);
  ::close(ends[0]);
}

TEST(Exec, a_signal_is_told_apart_from_a_status) {
  const Ending ending = run_command(script("kill -SEGV $$"));
  EXPECT_EQ(ending.kind, Kind::signalled);
  EXPECT_EQ(ending.status, SIGSEGV);
}

TEST(Exec, the_environment_is_this_programs_with_changes) {
  ::setenv("XBUS_TEST_SECRET", "hidden", 1);
  ::setenv("XBUS_TEST_KEPT", "kept", 1);
  Command command = script("echo \"$XBUS_TEST_SECRET/$XBUS_TEST_KEPT/$XBUS_CALLER\"");
  command.environment = {{"XBUS_TEST_SECRET", ""}, {"XBUS_CALLER", "juliet@localhost/a b"}};
  EXPECT_EQ(run_command(command).output, "/kept/juliet@localhost/a b\n");
}

TEST(Exec, no_open_file_is_inherited_and_signals_are_as_by_default) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);  // without close-on-exec
  const Ending ending =
      run_command(script("ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status"));
  // 0, 1, 2 and the folder that ls reads.
  EXPECT_EQ(ending.output.substr(0, 2), "4\n") << ending.output;
  const size_t colon = ending.output.find("SigIgn:");
  ASSERT_NE(colon, std::string::npos) << ending.output;
  // The signals of POSIX; the two above them belong to the C library.
  EXPECT_EQ(std::stoull(ending.output.substr(colon + 7), nullptr, 16) & 0x7fffffff, 0u)
      << ending.output;
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Exec, it_ends_when_the_work_is_no_longer_wanted) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::thread runner(
      [&] { EXPECT_EQ(run_command(script("sleep 600"), ends[0]).kind, Kind::stopped); });
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  runner.join();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Exec, many_at_once_do_not_disturb_each_other) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([i] {
      for (int round = 0; round < 10; ++round) {
        Command command = script("cat; exit " + std::to_string(i));
        command.input = "number " + std::to_string(i);
        const Ending ending = run_command(command);
        EXPECT_EQ(ending.output, command.input);
        EXPECT_EQ(ending.status, i);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // no child is left to be waited for
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace xbus::cli
