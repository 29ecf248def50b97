#include "rpc/last_item.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace xbus {
namespace {

struct LastItemTest : testing::Test {
  LastItemTest() {
    char name[] = "/tmp/xbus-last-XXXXXX";
    folder = ::mkdtemp(name);
    path = folder + "/ids";
  }
  ~LastItemTest() override { std::filesystem::remove_all(folder); }
  std::string folder, path;
};

TEST_F(LastItemTest, what_was_set_is_there_in_another_life) {
  auto first = LastItem::open(path);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->of("news"), std::nullopt);
  ASSERT_TRUE(first->set("news", "i1").ok());
  ASSERT_TRUE(first->set("agent/link", "\"\n").ok());
  ASSERT_TRUE(first->set("news", "i2").ok());
  const auto second = LastItem::open(path);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->of("news"), "i2");
  EXPECT_EQ(second->of("agent/link"), "\"\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(LastItemTest, what_is_half_written_is_not_read) {
  auto file = LastItem::open(path);
  ASSERT_TRUE(file->set("news", "i1").ok());
  std::ofstream(path + ".new") << "{\"news\": \"i";
  EXPECT_EQ(LastItem::open(path)->of("news"), "i1");
}

TEST_F(LastItemTest, trouble_is_a_line) {
  std::ofstream(path) << "nonsense";
  EXPECT_NE(LastItem::open(path).error().find(path), std::string::npos);
  EXPECT_FALSE(LastItem::open(folder));
  auto nowhere = LastItem::open(folder + "/missing/ids");
  ASSERT_TRUE(nowhere);
  EXPECT_FALSE(nowhere->set("news", "i1").ok());
}

}  // namespace
}  // namespace xbus
