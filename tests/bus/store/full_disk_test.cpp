// Writes that the disk does not take: refused, reported, and nothing of them is left.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <vector>

#include "bus/store/sqlite_store.hpp"

namespace xbus::store {
namespace {

// While it lives no file of this process takes another byte: what a full disk says, without one.
class NoRoom {
 public:
  NoRoom() {
    ::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit none = before_;
    none.rlim_cur = 0;
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  }
  ~NoRoom() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

class FullDisk : public testing::Test {
 protected:
  FullDisk() : folder_(mkdtemp(name_)) {}
  ~FullDisk() override { std::filesystem::remove_all(folder_); }
  std::string file() const { return folder_ + "/bus.db"; }

  template <class Write>
  static bool wait(Write&& write) {
    std::promise<bool> done;
    write([&](bool ok) { done.set_value(ok); });
    return done.get_future().get();
  }

  char name_[32] = "/tmp/xbus-full-XXXXXX";
  std::string folder_;
};

TEST_F(FullDisk, a_write_that_fails_is_told_counted_and_undone) {
  std::vector<StoreTrouble> troubles;
  auto opened = open_sqlite_store(
      file(), [&](const StoreTrouble& trouble) { troubles.push_back(trouble); });
  ASSERT_TRUE(opened.ok()) << opened.error().text;
  Store& store = **opened;
  EXPECT_TRUE(wait([&](auto done) { store.put_entry("names", "before", "x", done); }));
  {
    const NoRoom none;
    EXPECT_FALSE(wait([&](auto done) { store.put_entry("names", "during", "x", done); }));
    EXPECT_FALSE(wait([&](auto done) { store.remove_entry("names", "before", done); }));
    EXPECT_FALSE(wait([&](auto done) { store.put_account({"ann", {}, {}}, done); }));
  }
  ASSERT_EQ(troubles.size(), 1u) << "one line tells, not one for each";
  EXPECT_EQ(troubles[0].path, file());
  EXPECT_FALSE(troubles[0].error.empty());
  EXPECT_NE(troubles[0].error, "not an error");
  EXPECT_EQ(troubles[0].writes, 1u);
  EXPECT_EQ(store.failed_writes(), 3u);
  EXPECT_TRUE(store.accounts().empty());
  EXPECT_EQ(store.entries("names"), (std::vector<Entry>{{"before", "x"}}));
  EXPECT_TRUE(wait([&](auto done) { store.put_entry("names", "after", "x", done); }));
  EXPECT_EQ(store.failed_writes(), 3u);
  opened->reset();
  opened = open_sqlite_store(file());
  ASSERT_TRUE(opened.ok()) << opened.error().text;
  EXPECT_EQ((*opened)->entries("names"), (std::vector<Entry>{{"after", "x"}, {"before", "x"}}));
}

TEST_F(FullDisk, a_store_that_is_open_is_not_opened_again) {
  auto first = open_sqlite_store(file());
  ASSERT_TRUE(first.ok());
  auto second = open_sqlite_store(file());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, StoreError::Kind::in_use);
  EXPECT_EQ(second.error().text, file() + ": in use by another process, pid " + std::to_string(getpid()));
  first->reset();
  EXPECT_TRUE(open_sqlite_store(file()).ok());
}

}  // namespace
}  // namespace xbus::store
