#include "services/xbus/known_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "bus/limits.hpp"

namespace xbus::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

class KnownFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/xbus-known-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ::setenv("XDG_CACHE_HOME", (folder_ + "/deep/cache").c_str(), 1);
    ::unsetenv("XBUS_BUS");
    connection_.bus = "unix:/x";
    known_.domain = "localhost";
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string only_file() const {
    std::string found;
    for (const auto& entry : fs::directory_iterator(folder_ + "/deep/cache/xbus")) {
      EXPECT_EQ(found, "");
      found = entry.path();
    }
    return found;
  }

  std::string folder_;
  common::Connection connection_;
  Known known_;
};

TEST_F(KnownFileTest, what_is_written_is_read_by_the_same_bus_and_account) {
  const KnownFile file(connection_);
  EXPECT_FALSE(file.age());
  EXPECT_EQ(file.read().domain, "");
  ASSERT_TRUE(file.write(known_));
  EXPECT_LT(*file.age(), std::chrono::minutes(1));
  EXPECT_EQ(KnownFile(connection_).read().domain, "localhost");
  common::Connection other = connection_;
  other.account = "alice";
  EXPECT_EQ(KnownFile(other).read().domain, "");
  other = connection_;
  other.bus = "unix:/y";
  EXPECT_EQ(KnownFile(other).read().domain, "");
}

TEST_F(KnownFileTest, an_address_of_any_length_and_letters_has_a_file_of_its_own) {
  const std::string longest = "unix:/" + std::string(100, '/');
  std::set<std::string> names;
  for (const std::string& bus :
       {"unix:/x"s, "unix:%2Fx"s, "unix:/x\nalice"s, "unix:/../../x"s, longest, longest + "/"}) {
    connection_.bus = bus;
    const KnownFile file(connection_);
    known_.domain = bus.substr(0, 10);
    ASSERT_TRUE(file.write(known_)) << bus;
    EXPECT_EQ(KnownFile(connection_).read().domain, known_.domain);
  }
  for (const auto& entry : fs::directory_iterator(folder_ + "/deep/cache/xbus")) {
    names.insert(entry.path().filename());
    EXPECT_LE(entry.path().filename().string().size(), 205u);
  }
  EXPECT_EQ(names.size(), 6u);
}

TEST_F(KnownFileTest, nobody_else_reads_or_writes_it) {
  const KnownFile file(connection_);
  ASSERT_TRUE(file.write(known_));
  struct stat status {};
  ASSERT_EQ(::stat((folder_ + "/deep/cache/xbus").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat(only_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  // What others may write is not believed, nor written to.
  ASSERT_EQ(::chmod(only_file().c_str(), 0666), 0);
  EXPECT_EQ(file.read().domain, "");
  ASSERT_EQ(::chmod((folder_ + "/deep/cache/xbus").c_str(), 0777), 0);
  EXPECT_FALSE(file.write(known_));
}

TEST_F(KnownFileTest, one_asks_at_a_time) {
  const KnownFile file(connection_);
  const auto first = file.claim();
  ASSERT_TRUE(first);
  EXPECT_FALSE(file.claim());
  ::close(*first);
  const auto second = file.claim();
  ASSERT_TRUE(second);
  ::close(*second);
}

TEST_F(KnownFileTest, without_a_home_nothing_is_kept) {
  ::unsetenv("XDG_CACHE_HOME");
  ::unsetenv("HOME");
  const KnownFile file(connection_);
  EXPECT_FALSE(file.write(known_));
  EXPECT_EQ(file.read().domain, "");
  EXPECT_FALSE(file.claim());
}

TEST_F(KnownFileTest, rubbish_and_too_much_are_nothing) {
  const KnownFile file(connection_);
  ASSERT_TRUE(file.write(known_));
  std::ofstream(only_file()) << "{\"domain\": ";
  EXPECT_EQ(file.read().domain, "");
  std::ofstream(only_file()) << "{\"domain\": \"x\"}" << std::string(limits::stanza_bytes_max, ' ');
  EXPECT_EQ(file.read().domain, "");
  known_.domain = std::string(limits::stanza_bytes_max, 'x');
  EXPECT_FALSE(file.write(known_));
}

}  // namespace
}  // namespace xbus::cli
