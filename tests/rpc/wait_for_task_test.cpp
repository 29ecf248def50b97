// wait_for_task: one thread waits for what another one's loop does.
#include "rpc/wait_for_task.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "bus/net/io_loop.hpp"
#include "rpc/fault.hpp"

namespace xbus {
namespace {

class WaitForTask : public testing::Test {
 protected:
  ~WaitForTask() override {
    loop.post([this] { loop.stop(); });
    thread.join();
  }
  net::IoLoop loop;
  std::thread thread{[this] { loop.run(); }};
};

TEST_F(WaitForTask, the_task_runs_on_the_loop_and_gives_its_value) {
  std::thread::id ran;
  const Value value = wait_for_task(loop, [&ran]() -> Task<Value> {
    ran = std::this_thread::get_id();
    co_return Value("done");
  });
  EXPECT_EQ(value, Value("done"));
  EXPECT_EQ(ran, thread.get_id());
}

TEST_F(WaitForTask, a_fault_comes_whole) {
  try {
    wait_for_task(loop, []() -> Task<Value> {
      throw Fault(Fault::Kind::busy, "later").detail("retry-after", "3");
      co_return Value();
    });
    FAIL() << "nothing is thrown";
  } catch (const Fault& fault) {
    EXPECT_EQ(fault, Fault(Fault::Kind::busy, "later").detail("retry-after", "3"));
  }
}

TEST_F(WaitForTask, other_exceptions_come_too_and_many_in_turn) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THROW(wait_for_task(loop, [i]() -> Task<Value> {
                   if (i % 2 == 0) throw std::out_of_range("no");
                   throw Fault(Fault::Kind::failed);
                   co_return Value();
                 }),
                 std::exception);
  }
}

}  // namespace
}  // namespace xbus
