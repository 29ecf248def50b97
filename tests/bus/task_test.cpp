#include "bus/task.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace xbus {
namespace {

Task<int> number(int value) { co_return value; }
Task<std::unique_ptr<int>> owned(int value) { co_return std::make_unique<int>(value); }
Task<int> thrown() {
  throw std::runtime_error("no");
  co_return 0;
}

TEST(Task, is_lazy_and_gives_its_value_to_the_one_that_awaits_it) {
  std::vector<std::string> said;
  auto inner = [](std::vector<std::string>& out) -> Task<int> {
    out.push_back("inner");
    co_return 7;
  };
  auto outer = [](Task<int> task, std::vector<std::string>& out) -> Task<> {
    out.push_back("outer");
    out.push_back(std::to_string(co_await std::move(task)));
  };
  Task<> task = outer(inner(said), said);
  EXPECT_TRUE(said.empty());
  spawn(std::move(task));
  EXPECT_EQ(said, (std::vector<std::string>{"outer", "inner", "7"}));
}

TEST(Task, carries_what_only_moves_and_what_is_thrown) {
  std::string caught;
  int got = 0;
  spawn([](int& out, std::string& what) -> Task<> {
    out = *co_await owned(3) + co_await number(4);
    try {
      co_await thrown();
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
  }(got, caught));
  EXPECT_EQ(got, 7);
  EXPECT_EQ(caught, "no");
}

TEST(Task, one_that_is_never_awaited_frees_its_frame) {
  auto watched = std::make_shared<int>(1);
  {
    Task<> task = [](std::shared_ptr<int> held) -> Task<> {
      EXPECT_TRUE(held);
      co_return;
    }(watched);
    EXPECT_EQ(watched.use_count(), 2);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(Task, a_long_chain_of_awaits_that_do_not_suspend_ends) {
  int64_t sum = 0;
  spawn([](int64_t& out) -> Task<> {
    for (int i = 0; i < 1000; ++i) out += co_await number(1);
  }(sum));
  EXPECT_EQ(sum, 1000);
}

TEST(Completion, resumes_its_awaiter_once_with_the_first_value) {
  Completion<int> completion;
  std::vector<int> got;
  spawn([](Completion<int> wait, std::vector<int>& out) -> Task<> {
    out.push_back(co_await wait);
  }(completion, got));
  EXPECT_TRUE(got.empty());
  completion.complete(1);
  completion.complete(2);
  EXPECT_EQ(got, std::vector{1});
}

TEST(Completion, one_that_is_done_does_not_suspend) {
  Completion<int> completion;
  completion.complete(5);
  int got = 0;
  spawn([](Completion<int> wait, int& out) -> Task<> { out = co_await wait; }(completion, got));
  EXPECT_EQ(got, 5);
}

}  // namespace
}  // namespace xbus
