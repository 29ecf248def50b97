// KeyMemory: bounded by number, bytes and time, each to its edge and one beyond.
#include "rpc/key_memory.hpp"

#include <gtest/gtest.h>

namespace xbus {
namespace {

using namespace std::chrono_literals;

KeyMemory::Id id(int i) { return {"user@localhost", std::to_string(i)}; }

TEST(KeyMemory, keeps_the_first_answer) {
  KeyMemory memory;
  memory.remember(id(1), 7, Value(1), Time());
  memory.remember(id(1), 7, Value(2), Time());
  ASSERT_NE(memory.find(id(1), Time()), nullptr);
  EXPECT_EQ(*memory.find(id(1), Time())->outcome, Value(1));
  EXPECT_EQ(memory.find(id(1), Time())->request, 7u);
  EXPECT_EQ(memory.find({"other@localhost", "1"}, Time()), nullptr);
}

TEST(KeyMemory, forgets_the_oldest_beyond_its_number) {
  KeyMemory memory;
  for (size_t i = 0; i < limits::idempotency_keys_max; ++i) memory.remember(id(static_cast<int>(i)), 0, Value(1), Time());
  EXPECT_NE(memory.find(id(0), Time()), nullptr);
  memory.remember(id(-1), 0, Value(1), Time());
  EXPECT_EQ(memory.find(id(0), Time()), nullptr);
  EXPECT_NE(memory.find(id(1), Time()), nullptr);
  EXPECT_EQ(memory.size(), limits::idempotency_keys_max);
}

TEST(KeyMemory, forgets_the_oldest_beyond_its_bytes) {
  KeyMemory memory({10, 5000, 1min});
  memory.remember(id(1), 0, Value(std::string(2000, 'x')), Time());
  memory.remember(id(2), 0, Value(std::string(2000, 'x')), Time());
  EXPECT_EQ(memory.size(), 2u);
  memory.remember(id(3), 0, Value(std::string(2000, 'x')), Time());
  EXPECT_EQ(memory.find(id(1), Time()), nullptr);
  EXPECT_LE(memory.bytes(), 5000u);
  memory.remember(id(4), 0, Value(std::string(6000, 'x')), Time());
  EXPECT_EQ(memory.find(id(4), Time()), nullptr);
  EXPECT_EQ(memory.size(), 2u);
}

TEST(KeyMemory, nobody_pushes_out_those_of_who_has_fewer) {
  KeyMemory memory({10, 20'000, 1min});
  const KeyMemory::Id honest{"honest@localhost", "1"};
  memory.remember(honest, 0, Value(1), Time());
  for (int i = 0; i < 100; ++i) memory.remember(id(i), 0, Value(1), Time());
  EXPECT_EQ(memory.size(), 10u);
  EXPECT_NE(memory.find(honest, Time()), nullptr);
  EXPECT_NE(memory.find(id(99), Time()), nullptr);
  EXPECT_EQ(memory.find(id(90), Time()), nullptr);
  for (int i = 100; i < 110; ++i) memory.remember(id(i), 0, Value(std::string(2500, 'x')), Time());
  EXPECT_LE(memory.bytes(), 20'000u);
  EXPECT_NE(memory.find(honest, Time()), nullptr);
  // And its time is over as any other's.
  EXPECT_EQ(memory.find(honest, Time() + 1min), nullptr);
  EXPECT_EQ(memory.size(), 0u);
  EXPECT_EQ(memory.bytes(), 0u);
}

TEST(KeyMemory, forgets_when_the_time_is_over) {
  KeyMemory memory;
  memory.remember(id(1), 0, Err{Fault(5, "x")}, Time());
  EXPECT_NE(memory.find(id(1), Time() + limits::idempotency_time_max - 1ns), nullptr);
  EXPECT_EQ(memory.find(id(1), Time() + limits::idempotency_time_max), nullptr);
  EXPECT_EQ(memory.bytes(), 0u);
}

TEST(KeyMemory, equal_values_have_equal_hashes) {
  EXPECT_EQ(hash_of(Value::structure({{"a", 1}, {"b", "x"}})), hash_of(Value::structure({{"b", "x"}, {"a", 1}})));
  EXPECT_NE(hash_of(Value::array({1, 2})), hash_of(Value::array({2, 1})));
  EXPECT_NE(hash_of(Value(1)), hash_of(Value(int64_t{1})));
  EXPECT_NE(hash_of(Value(std::string(300, 'x') + "a")), hash_of(Value(std::string(300, 'x') + "b")));
}

}  // namespace
}  // namespace xbus
