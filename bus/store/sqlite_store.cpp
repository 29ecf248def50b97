#include "bus/store/sqlite_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "bus/store/database.hpp"
#include "bus/store/file_lock.hpp"

namespace xbus::store {
namespace {

// Append by rowid, found by secondary indices: the layout that keeps a commit small.
constexpr const char* schema = R"sql(
CREATE TABLE accounts (local BLOB NOT NULL UNIQUE,
  salt1 BLOB NOT NULL, iterations1 INTEGER NOT NULL, stored1 BLOB NOT NULL, server1 BLOB NOT NULL,
  salt256 BLOB NOT NULL, iterations256 INTEGER NOT NULL, stored256 BLOB NOT NULL, server256 BLOB NOT NULL);
CREATE TABLE roster_versions (local BLOB NOT NULL UNIQUE, version INTEGER NOT NULL);
CREATE TABLE roster_items (local BLOB NOT NULL, jid BLOB NOT NULL, name BLOB NOT NULL, groups BLOB NOT NULL,
  subscription INTEGER NOT NULL, flags INTEGER NOT NULL, request BLOB NOT NULL, UNIQUE (local, jid));
CREATE TABLE offline (id INTEGER PRIMARY KEY AUTOINCREMENT, local BLOB NOT NULL, stamp INTEGER NOT NULL,
  stanza BLOB NOT NULL);
CREATE INDEX offline_local ON offline (local, id);
CREATE TABLE entries (tab BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, UNIQUE (tab, key));
)sql";

// What version 2 has more: items by their own key, with no index beside it, since a publication pays for each.
constexpr const char* schema_items = R"sql(
CREATE TABLE items (seq INTEGER PRIMARY KEY, node INTEGER NOT NULL, published INTEGER NOT NULL, id BLOB NOT NULL,
  publisher BLOB NOT NULL, payload BLOB NOT NULL);
)sql";

constexpr int64_t application_id = 0x78627573;  // "xbus"

// Groups in one column: the length of each before it.
std::string pack(const std::vector<std::string>& groups) {
  std::string packed;
  for (const std::string& group : groups) packed += std::to_string(group.size()) + ':' + group;
  return packed;
}

std::vector<std::string> unpack(std::string_view packed) {
  std::vector<std::string> groups;
  while (!packed.empty()) {
    size_t size = 0, at = 0;
    while (at < packed.size() && packed[at] != ':')
      size = size * 10 + static_cast<size_t>(packed[at++] - '0');
    if (at + 1 > packed.size()) break;
    groups.emplace_back(packed.substr(at + 1, size));
    packed.remove_prefix(std::min(packed.size(), at + 1 + size));
  }
  return groups;
}

constexpr int64_t flag_ask = 1, flag_approved = 2, flag_listed = 4;

// The statements that change something; used by the writer thread alone.
struct Writes {
  explicit Writes(Database& database)
      : put_account(database.prepare(
            "INSERT INTO accounts VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (local) DO UPDATE SET "
            "salt1=?2, iterations1=?3, stored1=?4, server1=?5, "
            "salt256=?6, iterations256=?7, stored256=?8, server256=?9")),
        remove_account(database.prepare("DELETE FROM accounts WHERE local=?")),
        remove_version(database.prepare("DELETE FROM roster_versions WHERE local=?")),
        remove_items(database.prepare("DELETE FROM roster_items WHERE local=?")),
        remove_messages(database.prepare("DELETE FROM offline WHERE local=?")),
        put_version(database.prepare("INSERT INTO roster_versions VALUES (?,?) ON CONFLICT (local) "
                                     "DO UPDATE SET version=?2")),
        put_item(database.prepare("INSERT INTO roster_items VALUES (?,?,?,?,?,?,?) ON CONFLICT "
                                  "(local, jid) DO UPDATE SET "
                                  "name=?3, groups=?4, subscription=?5, flags=?6, request=?7")),
        remove_item(database.prepare("DELETE FROM roster_items WHERE local=? AND jid=?")),
        add_offline(database.prepare("INSERT INTO offline (local, stamp, stanza) VALUES (?,?,?)")),
        read_offline(
            database.prepare("SELECT id, stamp, stanza FROM offline WHERE local=? ORDER BY id")),
        remove_offline(database.prepare("DELETE FROM offline WHERE local=? AND id<=?")),
        put_entry(database.prepare(
            "INSERT INTO entries VALUES (?,?,?) ON CONFLICT (tab, key) DO UPDATE SET value=?3")),
        remove_entry(database.prepare("DELETE FROM entries WHERE tab=? AND key=?")),
        add_item(database.prepare(
            "INSERT INTO items (seq, node, published, id, publisher, payload) VALUES (?,?,?,?,?,?)")),
        remove_item_of_topic(database.prepare("DELETE FROM items WHERE seq=?")),
        read_payload(database.prepare("SELECT payload FROM items WHERE seq=?")) {}

  Statement put_account, remove_account, remove_version, remove_items, remove_messages, put_version,
      put_item, remove_item, add_offline, read_offline, remove_offline, put_entry, remove_entry, add_item,
      remove_item_of_topic, read_payload;
};

struct Reads {
  explicit Reads(Database& database)
      : accounts(database.prepare("SELECT * FROM accounts ORDER BY local")),
        version(database.prepare("SELECT version FROM roster_versions WHERE local=?")),
        items(database.prepare(
            "SELECT jid, name, groups, subscription, flags, request FROM roster_items "
            "WHERE local=? ORDER BY jid")),
        offline_use(database.prepare(
            "SELECT count(*), coalesce(sum(length(stanza)), 0) FROM offline WHERE local=?")),
        entries(database.prepare("SELECT key, value FROM entries WHERE tab=? ORDER BY key")),
        topic_items(database.prepare(
            "SELECT seq, node, published, id, publisher, length(payload) FROM items ORDER BY seq")) {}

  Statement accounts, version, items, offline_use, entries, topic_items;
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(ReportTrouble report) : report_(std::move(report)) {}
  ~SqliteStore() override {
    if (writer_.joinable()) {
      {
        std::lock_guard lock(queue_mutex_);
        stopping_ = true;
      }
      wake_.notify_one();
      writer_.join();
    }
  }

  std::optional<StoreError> open(const std::string& path) {
    auto lock = FileLock::take(path + ".lock");
    if (!lock) {
      const auto kind = lock.error().in_use ? StoreError::Kind::in_use : StoreError::Kind::cannot_open;
      return StoreError{kind, path + ": " + lock.error().text};
    }
    lock_ = std::move(*lock);
    path_ = path;
    // SQLite makes files by the umask; keys are nobody else's business.
    int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return StoreError{StoreError::Kind::cannot_open, path + ": cannot be opened"};
    ::close(fd);
    using Kind = StoreError::Kind;
    if (!write_base_.open(path))
      return StoreError{Kind::cannot_open, path + ": " + write_base_.error()};
    int64_t version = write_base_.number("PRAGMA user_version");
    int64_t owner = write_base_.number("PRAGMA application_id");
    if (version < 0) return StoreError{Kind::broken, path + ": " + write_base_.error()};
    if (version > schema_version) {
      return StoreError{Kind::newer, path + ": schema " + std::to_string(version) +
                                         ", this program knows " + std::to_string(schema_version)};
    }
    if (version != 0 && owner != application_id)
      return StoreError{Kind::broken, path + ": not a store of xbus"};
    if (!write_base_.run(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000")) {
      return StoreError{Kind::broken, path + ": " + write_base_.error()};
    }
    if (version == 0) {
      std::string make = "BEGIN IMMEDIATE;" + std::string(schema) + schema_items +
                         "PRAGMA application_id=" + std::to_string(application_id) +
                         ";PRAGMA user_version=" + std::to_string(schema_version) + ";COMMIT";
      if (!write_base_.run(make.c_str()))
        return StoreError{Kind::broken, path + ": " + write_base_.error()};
    }
    if (version == 1) {
      std::string more = "BEGIN IMMEDIATE;" + std::string(schema_items) +
                         "PRAGMA user_version=" + std::to_string(schema_version) + ";COMMIT";
      if (!write_base_.run(more.c_str()))
        return StoreError{Kind::broken, path + ": " + write_base_.error()};
    }
    if (!read_base_.open(path))
      return StoreError{Kind::cannot_open, path + ": " + read_base_.error()};
    writes_ = std::make_unique<Writes>(write_base_);
    reads_ = std::make_unique<Reads>(read_base_);
    writer_ = std::thread([this] { write_loop(); });
    return {};
  }

  uint64_t failed_writes() const override { return failed_.load(std::memory_order_relaxed); }

  std::vector<Account> accounts() override {
    std::lock_guard lock(read_mutex_);
    std::vector<Account> all;
    Statement& row = reads_->accounts;
    while (row.next()) {
      Account account;
      account.local = row.bytes(0);
      account.sha1 = {row.bytes(1), static_cast<uint32_t>(row.number(2)), row.bytes(3),
                      row.bytes(4)};
      account.sha256 = {row.bytes(5), static_cast<uint32_t>(row.number(6)), row.bytes(7),
                        row.bytes(8)};
      all.push_back(std::move(account));
    }
    return all;
  }

  void put_account(Account account, Done done) override {
    enqueue(
        [account = std::move(account)](Writes& writes) {
          return writes.put_account.bind(1, account.local)
              .bind(2, account.sha1.salt)
              .bind(3, int64_t{account.sha1.iterations})
              .bind(4, account.sha1.stored_key)
              .bind(5, account.sha1.server_key)
              .bind(6, account.sha256.salt)
              .bind(7, int64_t{account.sha256.iterations})
              .bind(8, account.sha256.stored_key)
              .bind(9, account.sha256.server_key)
              .run();
        },
        std::move(done));
  }

  void remove_account(std::string_view local, Done done) override {
    enqueue(
        [local = std::string(local)](Writes& writes) {
          return writes.remove_account.bind(1, local).run() &&
                 writes.remove_version.bind(1, local).run() &&
                 writes.remove_items.bind(1, local).run() &&
                 writes.remove_messages.bind(1, local).run();
        },
        std::move(done));
  }

  Roster roster(std::string_view local) override {
    std::lock_guard lock(read_mutex_);
    Roster roster;
    reads_->version.bind(1, local);
    while (reads_->version.next())
      roster.version = static_cast<uint64_t>(reads_->version.number(0));
    Statement& row = reads_->items.bind(1, local);
    while (row.next()) {
      RosterItem item;
      item.jid = row.bytes(0);
      item.name = row.bytes(1);
      item.groups = unpack(row.bytes(2));
      item.subscription = static_cast<uint8_t>(row.number(3));
      item.ask = (row.number(4) & flag_ask) != 0;
      item.approved = (row.number(4) & flag_approved) != 0;
      item.listed = (row.number(4) & flag_listed) != 0;
      item.request = row.bytes(5);
      roster.items.push_back(std::move(item));
    }
    return roster;
  }

  void put_roster_item(std::string_view local, RosterItem item, uint64_t version,
                       Done done) override {
    enqueue(
        [local = std::string(local), item = std::move(item), version](Writes& writes) {
          std::string groups = pack(item.groups);
          int64_t flags = (item.ask ? flag_ask : 0) | (item.approved ? flag_approved : 0) |
                          (item.listed ? flag_listed : 0);
          return writes.put_item.bind(1, local)
                     .bind(2, item.jid)
                     .bind(3, item.name)
                     .bind(4, groups)
                     .bind(5, int64_t{item.subscription})
                     .bind(6, flags)
                     .bind(7, item.request)
                     .run() &&
                 writes.put_version.bind(1, local).bind(2, static_cast<int64_t>(version)).run();
        },
        std::move(done));
  }

  void remove_roster_item(std::string_view local, std::string_view jid, uint64_t version,
                          Done done) override {
    enqueue(
        [local = std::string(local), jid = std::string(jid), version](Writes& writes) {
          return writes.remove_item.bind(1, local).bind(2, jid).run() &&
                 writes.put_version.bind(1, local).bind(2, static_cast<int64_t>(version)).run();
        },
        std::move(done));
  }

  void add_offline(std::string_view local, Timestamp stamp, std::string stanza,
                   Done done) override {
    enqueue(
        [local = std::string(local), stamp, stanza = std::move(stanza)](Writes& writes) {
          return writes.add_offline.bind(1, local)
              .bind(2, int64_t{stamp.time_since_epoch().count()})
              .bind(3, stanza)
              .run();
        },
        std::move(done));
  }

  void read_offline(std::string_view local,
                    std::function<void(std::vector<OfflineMessage>)> take) override {
    // On the writer's connection, so that it sees what was asked for before it.
    auto messages = std::make_shared<std::vector<OfflineMessage>>();
    enqueue(
        [local = std::string(local), messages](Writes& writes) {
          Statement& row = writes.read_offline.bind(1, local);
          while (row.next()) {
            messages->push_back(
                {row.number(0), Timestamp(std::chrono::microseconds(row.number(1))), row.bytes(2)});
          }
          return true;
        },
        [messages, take = std::move(take)](bool ok) {
          if (!ok) messages->clear();
          take(std::move(*messages));
        });
  }

  void remove_offline(std::string_view local, int64_t through_id, Done done) override {
    enqueue(
        [local = std::string(local), through_id](Writes& writes) {
          return writes.remove_offline.bind(1, local).bind(2, through_id).run();
        },
        std::move(done));
  }

  OfflineUse offline_use(std::string_view local) override {
    std::lock_guard lock(read_mutex_);
    OfflineUse use;
    Statement& row = reads_->offline_use.bind(1, local);
    while (row.next())
      use = {static_cast<size_t>(row.number(0)), static_cast<size_t>(row.number(1))};
    return use;
  }

  void change_items(std::vector<TopicItem> added, std::vector<int64_t> gone, Done done) override {
    enqueue(
        [added = std::move(added), gone = std::move(gone)](Writes& writes) {
          for (int64_t seq : gone) {
            if (!writes.remove_item_of_topic.bind(1, seq).run()) return false;
          }
          for (const TopicItem& item : added) {
            if (!writes.add_item.bind(1, item.seq)
                     .bind(2, item.node)
                     .bind(3, int64_t{item.published.time_since_epoch().count()})
                     .bind(4, item.id)
                     .bind(5, item.publisher)
                     .bind(6, item.payload)
                     .run())
              return false;
          }
          return true;
        },
        std::move(done));
  }

  void each_item(const std::function<void(TopicItem, size_t)>& visit) override {
    std::lock_guard lock(read_mutex_);
    Statement& row = reads_->topic_items;
    while (row.next()) {
      visit({row.number(0), row.number(1), row.bytes(3), row.bytes(4),
             Timestamp(std::chrono::microseconds(row.number(2))), {}},
            static_cast<size_t>(row.number(5)));
    }
  }

  void read_payloads(
      std::vector<int64_t> seqs,
      std::function<void(std::vector<std::pair<int64_t, std::string>>)> take) override {
    enqueue(
        [seqs = std::move(seqs), take = std::move(take)](Writes& writes) {
          std::vector<std::pair<int64_t, std::string>> payloads;
          for (int64_t seq : seqs) {
            Statement& row = writes.read_payload.bind(1, seq);
            while (row.next()) payloads.emplace_back(seq, row.bytes(0));
          }
          take(std::move(payloads));
          return true;
        },
        {});
  }

  std::vector<Entry> entries(std::string_view table) override {
    std::lock_guard lock(read_mutex_);
    std::vector<Entry> all;
    Statement& row = reads_->entries.bind(1, table);
    while (row.next()) all.push_back({row.bytes(0), row.bytes(1)});
    return all;
  }

  void put_entry(std::string_view table, std::string_view key, std::string_view value,
                 Done done) override {
    enqueue(
        [table = std::string(table), key = std::string(key),
         value = std::string(value)](Writes& writes) {
          return writes.put_entry.bind(1, table).bind(2, key).bind(3, value).run();
        },
        std::move(done));
  }

  void remove_entry(std::string_view table, std::string_view key, Done done) override {
    enqueue([table = std::string(table), key = std::string(key)](
                Writes& writes) { return writes.remove_entry.bind(1, table).bind(2, key).run(); },
            std::move(done));
  }

 private:
  struct Write {
    std::function<bool(Writes&)> work;
    Done done;
    bool ok = false;
  };

  void enqueue(std::function<bool(Writes&)> work, Done done) {
    {
      std::lock_guard lock(queue_mutex_);
      queue_.push_back({std::move(work), std::move(done)});
    }
    wake_.notify_one();
  }

  void write_loop() {
    std::vector<Write> batch;
    for (;;) {
      {
        std::unique_lock lock(queue_mutex_);
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        batch.swap(queue_);
      }
      commit(batch);
      for (Write& write : batch) {
        if (write.done) write.done(write.ok);
      }
      batch.clear();
    }
  }

  // One transaction for the batch. A write that fails is undone alone; a commit that fails undoes
  // them all.
  void commit(std::vector<Write>& batch) {
    std::string error;
    bool begun = write_base_.run("BEGIN IMMEDIATE");
    for (Write& write : batch) {
      if (!begun) break;
      write_base_.run("SAVEPOINT one");
      write.ok = write.work(*writes_);
      if (!write.ok && error.empty()) error = write_base_.error();
      // Outside a transaction each write that follows would be one of its own.
      begun = write_base_.in_transaction();
      if (!begun) break;
      if (!write.ok) write_base_.run("ROLLBACK TO one");
      write_base_.run("RELEASE one");
    }
    if (!begun || !write_base_.run("COMMIT")) {
      if (error.empty()) error = write_base_.error();
      if (write_base_.in_transaction()) write_base_.run("ROLLBACK");
      for (Write& write : batch) write.ok = false;
    }
    if (!error.empty()) count_failures(batch, error);
  }

  void count_failures(const std::vector<Write>& batch, const std::string& error) {
    const auto failed = static_cast<uint64_t>(
        std::count_if(batch.begin(), batch.end(), [](const Write& write) { return !write.ok; }));
    failed_.fetch_add(failed, std::memory_order_relaxed);
    unreported_ += failed;
    const auto now = std::chrono::steady_clock::now();
    if (reported_ && now - *reported_ < trouble_report_time) return;
    reported_ = now;
    if (report_) report_({path_, error, std::exchange(unreported_, 0)});
  }

  const ReportTrouble report_;
  FileLock lock_;
  std::string path_;
  std::atomic<uint64_t> failed_ = 0;
  // Of the writer thread.
  uint64_t unreported_ = 0;
  std::optional<std::chrono::steady_clock::time_point> reported_;

  Database write_base_, read_base_;  // outlive their statements
  std::unique_ptr<Writes> writes_;
  std::unique_ptr<Reads> reads_;
  std::mutex read_mutex_;

  std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::vector<Write> queue_;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace

Result<std::unique_ptr<Store>, StoreError> open_sqlite_store(const std::string& path,
                                                             ReportTrouble report) {
  auto store = std::make_unique<SqliteStore>(std::move(report));
  if (auto error = store->open(path)) return Err{*error};
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace xbus::store
