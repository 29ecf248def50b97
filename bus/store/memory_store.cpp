#include "bus/store/memory_store.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace xbus::store {
namespace {

class MemoryStore final : public Store {
 public:
  std::vector<Account> accounts() override {
    std::lock_guard lock(mutex_);
    std::vector<Account> all;
    for (const auto& [local, account] : accounts_) all.push_back(account);
    return all;
  }

  void put_account(Account account, Done done) override {
    {
      std::lock_guard lock(mutex_);
      std::string local = account.local;
      accounts_[std::move(local)] = std::move(account);
    }
    tell(done);
  }

  void remove_account(std::string_view local, Done done) override {
    {
      std::lock_guard lock(mutex_);
      std::string key(local);
      accounts_.erase(key);
      rosters_.erase(key);
      offline_.erase(key);
    }
    tell(done);
  }

  Roster roster(std::string_view local) override {
    std::lock_guard lock(mutex_);
    Roster roster;
    auto found = rosters_.find(std::string(local));
    if (found == rosters_.end()) return roster;
    roster.version = found->second.version;
    for (const auto& [jid, item] : found->second.items) roster.items.push_back(item);
    return roster;
  }

  void put_roster_item(std::string_view local, RosterItem item, uint64_t version,
                       Done done) override {
    {
      std::lock_guard lock(mutex_);
      auto& roster = rosters_[std::string(local)];
      roster.version = version;
      std::string jid = item.jid;
      roster.items[std::move(jid)] = std::move(item);
    }
    tell(done);
  }

  void remove_roster_item(std::string_view local, std::string_view jid, uint64_t version,
                          Done done) override {
    {
      std::lock_guard lock(mutex_);
      auto& roster = rosters_[std::string(local)];
      roster.version = version;
      roster.items.erase(std::string(jid));
    }
    tell(done);
  }

  void add_offline(std::string_view local, Timestamp stamp, std::string stanza,
                   Done done) override {
    {
      std::lock_guard lock(mutex_);
      offline_[std::string(local)].push_back({++last_id_, stamp, std::move(stanza)});
    }
    tell(done);
  }

  void read_offline(std::string_view local,
                    std::function<void(std::vector<OfflineMessage>)> take) override {
    std::vector<OfflineMessage> messages;
    {
      std::lock_guard lock(mutex_);
      auto found = offline_.find(std::string(local));
      if (found != offline_.end()) messages = found->second;
    }
    take(std::move(messages));
  }

  void remove_offline(std::string_view local, int64_t through_id, Done done) override {
    {
      std::lock_guard lock(mutex_);
      auto found = offline_.find(std::string(local));
      if (found != offline_.end()) {
        std::erase_if(found->second,
                      [&](const OfflineMessage& message) { return message.id <= through_id; });
        if (found->second.empty()) offline_.erase(found);
      }
    }
    tell(done);
  }

  OfflineUse offline_use(std::string_view local) override {
    std::lock_guard lock(mutex_);
    OfflineUse use;
    auto found = offline_.find(std::string(local));
    if (found == offline_.end()) return use;
    for (const OfflineMessage& message : found->second) {
      ++use.messages;
      use.bytes += message.stanza.size();
    }
    return use;
  }

  void change_items(std::vector<TopicItem> added, std::vector<int64_t> gone, Done done) override {
    {
      std::lock_guard lock(mutex_);
      for (int64_t seq : gone) items_.erase(seq);
      for (TopicItem& item : added) {
        int64_t seq = item.seq;
        items_[seq] = std::move(item);
      }
    }
    tell(done);
  }

  void each_item(const std::function<void(TopicItem, size_t)>& visit) override {
    std::lock_guard lock(mutex_);
    for (const auto& [seq, item] : items_)
      visit({seq, item.node, item.id, item.publisher, item.published, {}}, item.payload.size());
  }

  void read_payloads(
      std::vector<int64_t> seqs,
      std::function<void(std::vector<std::pair<int64_t, std::string>>)> take) override {
    std::vector<std::pair<int64_t, std::string>> payloads;
    {
      std::lock_guard lock(mutex_);
      for (int64_t seq : seqs) {
        auto found = items_.find(seq);
        if (found != items_.end()) payloads.emplace_back(seq, found->second.payload);
      }
    }
    take(std::move(payloads));
  }

  std::vector<Entry> entries(std::string_view table) override {
    std::lock_guard lock(mutex_);
    std::vector<Entry> all;
    for (const auto& [key, value] : tables_[std::string(table)]) all.push_back({key, value});
    return all;
  }

  void put_entry(std::string_view table, std::string_view key, std::string_view value,
                 Done done) override {
    {
      std::lock_guard lock(mutex_);
      tables_[std::string(table)][std::string(key)] = std::string(value);
    }
    tell(done);
  }

  void remove_entry(std::string_view table, std::string_view key, Done done) override {
    {
      std::lock_guard lock(mutex_);
      tables_[std::string(table)].erase(std::string(key));
    }
    tell(done);
  }

 private:
  struct Contacts {
    uint64_t version = 0;
    std::map<std::string, RosterItem> items;
  };

  static void tell(const Done& done) {
    if (done) done(true);
  }

  std::mutex mutex_;
  std::map<std::string, Account> accounts_;
  std::map<std::string, Contacts> rosters_;
  std::map<std::string, std::vector<OfflineMessage>> offline_;
  std::map<std::string, std::map<std::string, std::string>> tables_;
  std::map<int64_t, TopicItem> items_;
  int64_t last_id_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace xbus::store
