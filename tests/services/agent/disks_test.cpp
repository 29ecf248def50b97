#include "services/agent/disks.hpp"

#include <gtest/gtest.h>
#include <sys/statvfs.h>

#include "tests/services/agent/collectors_fixture.hpp"

namespace xbus::agent {
namespace {

TEST(Disks, only_filesystems_that_hold_data_once_each_at_the_shortest_path) {
  const auto mounts = real_mounts(*kernel_file(fixture("proc/self/mountinfo")));
  ASSERT_EQ(mounts.size(), 3u);
  EXPECT_EQ(mounts[0].mount_point, "/");
  EXPECT_EQ(mounts[0].device, "/dev/vda");
  EXPECT_EQ(mounts[0].type, "ext4");
  EXPECT_FALSE(mounts[0].read_only);
  EXPECT_EQ(mounts[1].mount_point, "/media/my disk");
  EXPECT_TRUE(mounts[1].read_only);
  EXPECT_EQ(mounts[2].mount_point, "/home");
  EXPECT_EQ(mounts[2].type, "btrfs");
}

TEST(Disks, an_overlay_counts_where_it_is_the_root) {
  const auto mounts = real_mounts(*kernel_file(fixture("container.mountinfo")));
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].mount_point, "/");
}

TEST(Disks, broken_lines_are_passed_over) {
  for (const char* line :
       {"", "-", "1 2 3 4 5 -", "1 2 3 4 /x rw - ext4", "1 2 3 4 \\04 rw - ext4 /d"})
    EXPECT_TRUE(real_mounts(line).empty()) << line;
  EXPECT_EQ(real_mounts("1 2 3:4 / /a\\04 rw - ext4 /dev/x rw\n").at(0).mount_point, "/a\\04");
  EXPECT_EQ(real_mounts("1 2 3:4 / /a\\134 rw - ext4 /dev/x rw\n").at(0).mount_point, "/a\\");
}

TEST(Disks, of_this_host_add_up) {
  const auto found = disks();
  ASSERT_TRUE(found);
  for (const Disk& disk : *found) {
    EXPECT_GT(disk.total, 0) << disk.mount_point;
    EXPECT_GE(disk.used, 0);
    EXPECT_LE(disk.used, disk.total);
    EXPECT_LE(disk.available, disk.total);
  }
}

}  // namespace
}  // namespace xbus::agent
