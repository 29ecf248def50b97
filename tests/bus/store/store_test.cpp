// One suite for every implementation of Store.
#include "bus/store/store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "bus/store/database.hpp"
#include "bus/store/memory_store.hpp"
#include "bus/store/sqlite_store.hpp"

namespace xbus::store {
namespace {

class Folder {
 public:
  Folder() { path_ = mkdtemp(name_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  char name_[32] = "/tmp/xbus-store-XXXXXX";
  std::string path_;
};

enum class Kind { memory, sqlite };

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { open(); }
  void open() {
    if (GetParam() == Kind::memory) {
      store_ = make_memory_store();
      return;
    }
    store_.reset();
    auto opened = open_sqlite_store(folder_.file("bus.db"));
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    store_ = std::move(*opened);
  }
  // Runs a write and waits until it is durable.
  template <class Write>
  bool wait(Write&& write) {
    std::promise<bool> done;
    write([&](bool ok) { done.set_value(ok); });
    return done.get_future().get();
  }
  std::vector<OfflineMessage> offline(std::string_view local) {
    std::promise<std::vector<OfflineMessage>> taken;
    store_->read_offline(
        local, [&](std::vector<OfflineMessage> messages) { taken.set_value(std::move(messages)); });
    return taken.get_future().get();
  }

  Folder folder_;
  std::unique_ptr<Store> store_;
};

Account ann() {
  return {"ann", {"s1", 4096, "k1", "v1"}, {std::string("s\0x", 3), 4097, "k2", "v2"}};
}

TEST_P(StoreTest, accounts_are_kept_changed_and_removed) {
  EXPECT_TRUE(store_->accounts().empty());
  EXPECT_TRUE(wait([&](auto done) { store_->put_account(ann(), done); }));
  EXPECT_EQ(store_->accounts(), std::vector{ann()});
  Account changed = ann();
  changed.sha256.stored_key = "other";
  EXPECT_TRUE(wait([&](auto done) { store_->put_account(changed, done); }));
  EXPECT_EQ(store_->accounts(), std::vector{changed});
  EXPECT_TRUE(wait([&](auto done) { store_->remove_account("ann", done); }));
  EXPECT_TRUE(store_->accounts().empty());
}

TEST_P(StoreTest, removing_an_account_removes_its_roster_and_messages) {
  store_->put_account(ann(), {});
  store_->put_roster_item("ann", {.jid = "bob@x"}, 1, {});
  store_->add_offline("ann", Timestamp{}, "<message/>", {});
  EXPECT_TRUE(wait([&](auto done) { store_->remove_account("ann", done); }));
  EXPECT_TRUE(store_->roster("ann").items.empty());
  EXPECT_EQ(store_->roster("ann").version, 0u);
  EXPECT_TRUE(offline("ann").empty());
}

TEST_P(StoreTest, rosters_keep_every_part_of_an_item) {
  RosterItem bob{.jid = "bob@x",
                 .name = "Bob \xC3\xA9",
                 .groups = {"a:1", "", "b\nc"},
                 .subscription = 3,
                 .ask = true,
                 .approved = true,
                 .listed = true,
                 .request = "<presence type='subscribe'/>"};
  RosterItem carl{.jid = "carl@x"};
  store_->put_roster_item("ann", carl, 1, {});
  EXPECT_TRUE(wait([&](auto done) { store_->put_roster_item("ann", bob, 2, done); }));
  Roster roster = store_->roster("ann");
  EXPECT_EQ(roster.version, 2u);
  EXPECT_EQ(roster.items, (std::vector{bob, carl}));
  EXPECT_TRUE(store_->roster("bob").items.empty());
  EXPECT_TRUE(wait([&](auto done) { store_->remove_roster_item("ann", "bob@x", 3, done); }));
  roster = store_->roster("ann");
  EXPECT_EQ(roster.version, 3u);
  EXPECT_EQ(roster.items, std::vector{carl});
}

TEST_P(StoreTest, offline_messages_come_in_order_and_are_removed_through_an_id) {
  for (int i = 0; i < 5; ++i) {
    store_->add_offline("ann", Timestamp(std::chrono::microseconds(1000 + i)),
                        "<m" + std::to_string(i) + "/>", {});
  }
  store_->add_offline("bob", Timestamp{}, "<other/>", {});
  auto messages = offline("ann");  // sees what was asked for before it
  ASSERT_EQ(messages.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(messages[i].stanza, "<m" + std::to_string(i) + "/>");
    EXPECT_EQ(messages[i].stamp, Timestamp(std::chrono::microseconds(1000 + i)));
  }
  EXPECT_EQ(store_->offline_use("ann").messages, 5u);
  EXPECT_EQ(store_->offline_use("ann").bytes, 25u);
  EXPECT_TRUE(wait([&](auto done) { store_->remove_offline("ann", messages[2].id, done); }));
  EXPECT_EQ(offline("ann").size(), 2u);
  EXPECT_EQ(offline("bob").size(), 1u);
}

TEST_P(StoreTest, tables_of_entries_are_apart_and_sorted) {
  store_->put_entry("names", "b", "1", {});
  store_->put_entry("names", "a", std::string_view("\0\xFF", 2), {});
  store_->put_entry("instances", "b", "3", {});
  EXPECT_TRUE(wait([&](auto done) { store_->put_entry("names", "b", "2", done); }));
  EXPECT_EQ(store_->entries("names"),
            (std::vector<Entry>{{"a", std::string("\0\xFF", 2)}, {"b", "2"}}));
  EXPECT_TRUE(wait([&](auto done) { store_->remove_entry("names", "b", done); }));
  EXPECT_EQ(store_->entries("names").size(), 1u);
  EXPECT_EQ(store_->entries("instances").size(), 1u);
  EXPECT_TRUE(store_->entries("nothing").empty());
}

TEST_P(StoreTest, items_are_changed_together_and_read_back_in_the_order_of_their_keys) {
  const std::string payload("<p>\0\xFF", 5);
  TopicItem a{1, 7, "a", "ann@x", Timestamp(std::chrono::microseconds(5)), payload};
  TopicItem b{2, 7, "b", "bob@x", Timestamp{}, "b"}, c{3, 8, "c", "bob@x", Timestamp{}, ""};
  EXPECT_TRUE(wait([&](auto done) { store_->change_items({a, b}, {}, done); }));
  EXPECT_TRUE(wait([&](auto done) { store_->change_items({c}, {2}, done); }));
  std::vector<std::pair<TopicItem, size_t>> all;
  store_->each_item([&](TopicItem item, size_t bytes) { all.emplace_back(std::move(item), bytes); });
  a.payload.clear();
  EXPECT_EQ(all, (std::vector<std::pair<TopicItem, size_t>>{{a, 5}, {c, 0}}));
  std::promise<std::vector<std::pair<int64_t, std::string>>> taken;
  store_->read_payloads({3, 2, 1}, [&](auto payloads) { taken.set_value(std::move(payloads)); });
  EXPECT_EQ(taken.get_future().get(),
            (std::vector<std::pair<int64_t, std::string>>{{3, ""}, {1, payload}}));
}

INSTANTIATE_TEST_SUITE_P(All, StoreTest, testing::Values(Kind::memory, Kind::sqlite),
                         [](const auto& param) {
                           return param.param == Kind::memory ? "memory" : "sqlite";
                         });

std::unique_ptr<Store> must_open(const std::string& path) {
  auto opened = open_sqlite_store(path);
  EXPECT_TRUE(opened.ok()) << opened.error().text;
  return opened.ok() ? std::move(*opened) : nullptr;
}

TEST(SqliteStore, what_was_asked_for_is_there_after_a_restart) {
  Folder folder;
  must_open(folder.file("bus.db"))->put_account(ann(), {});
  auto store = must_open(folder.file("bus.db"));
  EXPECT_EQ(store->accounts(), std::vector{ann()});
  struct stat info {};
  ASSERT_EQ(stat(folder.file("bus.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(SqliteStore, a_newer_schema_is_refused) {
  Folder folder;
  must_open(folder.file("bus.db"));
  {
    Database database;
    ASSERT_TRUE(database.open(folder.file("bus.db")));
    ASSERT_TRUE(database.run("PRAGMA user_version=3"));
  }
  auto opened = open_sqlite_store(folder.file("bus.db"));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, StoreError::Kind::newer);
}

TEST(SqliteStore, the_first_schema_is_brought_up_to_this_one) {
  Folder folder;
  must_open(folder.file("bus.db"))->put_account(ann(), {});
  {
    Database database;
    ASSERT_TRUE(database.open(folder.file("bus.db")));
    ASSERT_TRUE(database.run("DROP TABLE items; PRAGMA user_version=1"));
  }
  {
    auto store = must_open(folder.file("bus.db"));
    EXPECT_EQ(store->accounts(), std::vector{ann()});
    store->change_items({{1, 7, "a", "ann@x", Timestamp{}, "p"}}, {}, {});
  }
  size_t items = 0;
  must_open(folder.file("bus.db"))->each_item([&](const TopicItem&, size_t) { ++items; });
  EXPECT_EQ(items, 1u);
}

TEST(SqliteStore, another_file_and_a_missing_folder_are_refused) {
  Folder folder;
  FILE* file = fopen(folder.file("bus.db").c_str(), "w");
  fputs(
      "This is no database, and it is longer than the header of one, so that nobody takes it for "
      "an empty file.....",
      file);
  fclose(file);
  auto opened = open_sqlite_store(folder.file("bus.db"));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, StoreError::Kind::broken);
  EXPECT_EQ(opened.error().text, folder.file("bus.db") + ": this is no database (file is not a database)");
  opened = open_sqlite_store(folder.file("none/bus.db"));
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind, StoreError::Kind::cannot_open);
}

// A child writes and reports each acknowledged message on a pipe until it is killed in the middle.
TEST(SqliteStore, acknowledged_writes_survive_kill_9) {
  Folder folder;
  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(pipe_fds[0]);
    auto store = must_open(folder.file("bus.db"));
    for (uint32_t i = 0;; ++i) {
      std::promise<void> written;
      store->add_offline("ann", Timestamp{}, std::to_string(i), [&](bool ok) {
        if (ok && write(pipe_fds[1], &i, sizeof i) != sizeof i) _exit(1);
        written.set_value();
      });
      // Another write in the air, so that commits hold more than one.
      store->put_entry("names", std::to_string(i), "x", {});
      written.get_future().wait();
    }
  }
  close(pipe_fds[1]);
  uint32_t acknowledged = 0, number = 0;
  while (acknowledged < 200 && read(pipe_fds[0], &number, sizeof number) == sizeof number)
    ++acknowledged;
  ASSERT_EQ(kill(child, SIGKILL), 0);
  while (read(pipe_fds[0], &number, sizeof number) == sizeof number) ++acknowledged;
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  close(pipe_fds[0]);

  auto store = must_open(folder.file("bus.db"));
  std::promise<std::vector<OfflineMessage>> taken;
  store->read_offline(
      "ann", [&](std::vector<OfflineMessage> messages) { taken.set_value(std::move(messages)); });
  auto messages = taken.get_future().get();
  ASSERT_GE(messages.size(), acknowledged);
  for (size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(messages[i].stanza, std::to_string(i));
}

}  // namespace
}  // namespace xbus::store
