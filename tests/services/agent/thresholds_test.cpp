#include "services/agent/thresholds.hpp"

#include <gtest/gtest.h>

namespace xbus::agent {
namespace {

Moment at(int seconds) { return {Time(std::chrono::seconds(seconds)), Timestamp(std::chrono::seconds(seconds))}; }

Load busy(double one_minute) {
  Load load;
  load.one_minute = one_minute;
  load.processors = 4;
  return load;
}

Memory used(int64_t part) {
  Memory memory;
  memory.total = 1000;
  memory.used = part;
  memory.available = 1000 - part;
  return memory;
}

Disk disk(const std::string& place, int64_t part, int64_t files = 0) {
  Disk disk;
  disk.mount_point = place;
  disk.total = 1100;  // with what root alone can have
  disk.used = part;
  disk.available = 1000 - part;
  disk.files_total = 100;
  disk.files_free = 100 - files;
  return disk;
}

TEST(Thresholds, load_is_of_each_processor) {
  Thresholds thresholds("web1", {});
  EXPECT_FALSE(thresholds.add(busy(7.9), 0.0, at(0)));
  const auto high = thresholds.add(busy(8), 0.25, at(5));
  ASSERT_TRUE(high);
  EXPECT_EQ(high->level, Level::high);
  EXPECT_EQ(high->host, "web1");
  EXPECT_EQ(high->time, at(5).time);
  EXPECT_EQ(high->limit, 2);
  EXPECT_EQ(text_of(*high), "web1: load 8.00 on 4 processors, tasks wait 25 % of the time");
  EXPECT_FALSE(thresholds.add(busy(0), 0.0, at(10)));
  const auto normal = thresholds.add(busy(0), std::nullopt, at(40));
  ASSERT_TRUE(normal);
  EXPECT_EQ(normal->level, Level::normal);
  EXPECT_EQ(text_of(*normal), "web1: load 0.00 on 4 processors, normal again");
}

TEST(Thresholds, pressure_alone_is_enough) {
  Thresholds thresholds("web1", {});
  EXPECT_TRUE(thresholds.add(used(100), 0.1, at(0)));
  EXPECT_FALSE(thresholds.add(used(950), 0.2, at(1)));  // high by both now
  EXPECT_FALSE(thresholds.add(used(950), 0.0, at(60)));
  EXPECT_FALSE(thresholds.add(used(950), 0.0, at(120)));
  EXPECT_FALSE(thresholds.add(used(100), 0.0, at(130)));
  const auto normal = thresholds.add(used(100), 0.0, at(160));
  ASSERT_TRUE(normal);
  EXPECT_EQ(text_of(*normal), "web1: memory is 10 % used, tasks wait for it 0 % of the time, normal again");
}

TEST(Thresholds, each_disk_is_judged_by_what_is_left_of_bytes_and_files) {
  Thresholds thresholds("web1", {});
  EXPECT_TRUE(thresholds.add({disk("/", 100), disk("/var", 899)}, at(0)).empty());
  auto events = thresholds.add({disk("/", 100, 90), disk("/var", 900)}, at(1));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(text_of(events[0]), "web1: / is 10 % full, 90 % of its files");
  EXPECT_EQ(text_of(events[1]), "web1: /var is 90 % full");
  EXPECT_TRUE(thresholds.add({disk("/", 100, 90), disk("/var", 850)}, at(2)).empty());
  events = thresholds.add({disk("/", 100, 0), disk("/var", 809)}, at(3));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(text_of(events[1]), "web1: /var is 81 % full, normal again");
}

TEST(Thresholds, a_disk_that_is_gone_is_forgotten) {
  Thresholds thresholds("web1", {});
  EXPECT_EQ(thresholds.add({disk("/media", 990)}, at(0)).size(), 1u);
  EXPECT_TRUE(thresholds.add(std::vector<Disk>{}, at(1)).empty());
  EXPECT_EQ(thresholds.add({disk("/media", 990)}, at(2)).size(), 1u);
  Disk empty = disk("/proc", 0);
  empty.total = empty.used = empty.available = empty.files_total = empty.files_free = 0;
  EXPECT_TRUE(thresholds.add({disk("/media", 990), empty}, at(3)).empty());
}

}  // namespace
}  // namespace xbus::agent
