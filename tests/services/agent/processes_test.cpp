#include "services/agent/processes.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "bus/limits.hpp"
#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

ProcessSource source() {
  return {fixture("proc"), 100, 4096, [](uint32_t uid) { return "user" + std::to_string(uid); }};
}

TEST(Processes, are_ordered_by_the_time_they_used) {
  const auto found = processes(10, Arguments::hidden, source());
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);  // the one whose stat is cut is left out
  const Process& first = found->at(0);
  EXPECT_EQ(first.pid, 42);
  EXPECT_EQ(first.parent, 7);
  EXPECT_EQ(first.user, "user1000");
  EXPECT_EQ(first.state, "R");
  EXPECT_EQ(first.processor_seconds, 100);
  EXPECT_EQ(first.resident_bytes, 100 * 4096);
  EXPECT_EQ(first.threads, 4);
  EXPECT_EQ(found->at(1).pid, 7);
  EXPECT_EQ(found->at(1).user, "user0");
  EXPECT_EQ(found->at(1).processor_seconds, 2);
}

TEST(Processes, a_name_may_hold_any_character) {
  const auto found = processes(1, Arguments::hidden, source());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at(0).name, "evil) R 1 (\\u{1b}[2J)");
}

TEST(Processes, arguments_are_shown_only_when_asked_for) {
  const auto hidden = processes(10, Arguments::hidden, source());
  for (const Process& process : *hidden) EXPECT_FALSE(process.arguments);
  const auto shown = processes(10, Arguments::shown, source());
  EXPECT_EQ(shown->at(1).arguments, (std::vector<std::string>{"/sbin/init", "--quiet"}));
  EXPECT_EQ(shown->at(0).arguments,
            (std::vector<std::string>{"evil", "--password=\\u{202e}secret", ""}));
}

TEST(Processes, top_is_bounded_on_both_sides) {
  EXPECT_EQ(processes(1, Arguments::hidden, source())->size(), 1u);
  EXPECT_EQ(processes(0, Arguments::hidden, source())->size(), 0u);
  EXPECT_EQ(processes(-5, Arguments::hidden, source())->size(), 0u);
  EXPECT_LE(processes(INT32_MAX, Arguments::hidden)->size(), limits::agent_processes_max);
}

TEST(Processes, of_this_host_hold_this_one) {
  const auto found = processes(INT32_MAX, Arguments::shown);
  ASSERT_TRUE(found);
  ASSERT_FALSE(found->empty());
  if (found->size() == limits::agent_processes_max) return;  // too many: this one may be cut off
  const auto self = std::find_if(found->begin(), found->end(),
                                 [](const Process& process) { return process.pid == ::getpid(); });
  ASSERT_NE(self, found->end());
  EXPECT_EQ(self->user, login_name(::getuid()));
  EXPECT_GT(self->resident_bytes, 0);
  ASSERT_TRUE(self->arguments);
  EXPECT_FALSE(self->arguments->empty());
}

TEST(Processes, a_uid_without_a_login_has_a_name_of_its_own) {
  EXPECT_EQ(login_name(0), "root");
  EXPECT_EQ(login_name(3'999'999'999), "uid-3999999999");
}

}  // namespace
}  // namespace xbus::agent
