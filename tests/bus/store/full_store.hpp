// A store whose disk can be full: then every write fails and leaves nothing, as SQLite's does. Answers to writes may be
// kept back, which is how a slow disk looks.
#pragma once
#include <deque>
#include <memory>
#include <utility>

#include "bus/store/memory_store.hpp"
#include "bus/store/store.hpp"

namespace xbus::store {

class FullStore final : public Store {
 public:
  bool full = false;
  bool slow = false;

  // What was kept back, done and answered in order.
  void go_on() {
    slow = false;
    for (auto& write : std::exchange(waiting_, {})) write();
  }

  std::vector<Account> accounts() override { return kept_->accounts(); }
  Roster roster(std::string_view local) override { return kept_->roster(local); }
  OfflineUse offline_use(std::string_view local) override { return kept_->offline_use(local); }
  std::vector<Entry> entries(std::string_view table) override { return kept_->entries(table); }
  void read_offline(std::string_view local,
                    std::function<void(std::vector<OfflineMessage>)> take) override {
    kept_->read_offline(local, std::move(take));
  }

  void put_account(Account account, Done done) override {
    write(std::move(done), [this, account](Done then) { kept_->put_account(account, then); });
  }
  void remove_account(std::string_view local, Done done) override {
    write(std::move(done),
          [this, local = std::string(local)](Done then) { kept_->remove_account(local, then); });
  }
  void put_roster_item(std::string_view local, RosterItem item, uint64_t version,
                       Done done) override {
    write(std::move(done), [this, local = std::string(local), item, version](Done then) {
      kept_->put_roster_item(local, item, version, then);
    });
  }
  void remove_roster_item(std::string_view local, std::string_view jid, uint64_t version,
                          Done done) override {
    write(std::move(done),
          [this, local = std::string(local), jid = std::string(jid), version](Done then) {
            kept_->remove_roster_item(local, jid, version, then);
          });
  }
  void add_offline(std::string_view local, Timestamp stamp, std::string stanza,
                   Done done) override {
    write(std::move(done), [this, local = std::string(local), stamp, stanza](Done then) {
      kept_->add_offline(local, stamp, stanza, then);
    });
  }
  void remove_offline(std::string_view local, int64_t through_id, Done done) override {
    write(std::move(done), [this, local = std::string(local), through_id](Done then) {
      kept_->remove_offline(local, through_id, then);
    });
  }
  void put_entry(std::string_view table, std::string_view key, std::string_view value,
                 Done done) override {
    write(std::move(done), [this, table = std::string(table), key = std::string(key),
                            value = std::string(value)](Done then) {
      kept_->put_entry(table, key, value, then);
    });
  }
  void remove_entry(std::string_view table, std::string_view key, Done done) override {
    write(std::move(done), [this, table = std::string(table), key = std::string(key)](Done then) {
      kept_->remove_entry(table, key, then);
    });
  }
  void change_items(std::vector<TopicItem> added, std::vector<int64_t> gone, Done done) override {
    write(std::move(done),
          [this, added, gone](Done then) { kept_->change_items(added, gone, then); });
  }
  void each_item(const std::function<void(TopicItem, size_t payload_bytes)>& visit) override {
    kept_->each_item(visit);
  }
  void read_payloads(
      std::vector<int64_t> seqs,
      std::function<void(std::vector<std::pair<int64_t, std::string>>)> take) override {
    kept_->read_payloads(std::move(seqs), std::move(take));
  }

 private:
  void write(Done done, std::function<void(Done)> work) {
    auto one = [this, done = std::move(done), work = std::move(work)] {
      if (!full) return work(done);
      if (done) done(false);
    };
    if (slow)
      waiting_.push_back(one);
    else
      one();
  }

  std::unique_ptr<Store> kept_ = make_memory_store();
  std::deque<std::function<void()>> waiting_;
};

}  // namespace xbus::store
