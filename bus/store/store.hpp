// What the bus keeps over a restart: accounts, rosters, offline messages and the registry's tables,
// behind one interface with two implementations: SQLite (sqlite_store.hpp) and memory
// (memory_store.hpp).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/clock.hpp"

namespace xbus::store {

// What is kept instead of a password (RFC 5802 section 9); empty stored_key: none of that hash.
struct Keys {
  std::string salt;  // raw octets
  uint32_t iterations = 0;
  std::string stored_key;
  std::string server_key;
  bool operator==(const Keys&) const = default;
};

struct Account {
  std::string local;  // prepared localpart
  Keys sha1, sha256;
  bool operator==(const Account&) const = default;
};

// One contact of an account (RFC 6121 section 2.1.2), with what the server alone knows of it.
struct RosterItem {
  std::string jid = {};  // prepared bare JID
  std::string name = {};
  std::vector<std::string> groups = {};
  uint8_t subscription = 0;  // bit 0: to, bit 1: from
  bool ask = false;          // we asked, no answer yet ("Pending Out")
  bool approved = false;     // pre-approved (section 3.4)
  bool listed =
      false;  // shown to clients; false: only `request` holds the item here ("None + Pending In")
  std::string request =
      {};  // the inbound subscribe not answered yet, as bytes ("Pending In"); empty: none
  bool operator==(const RosterItem&) const = default;
};

struct Roster {
  uint64_t version = 0;  // of the last change; 0: never changed
  std::vector<RosterItem> items;
};

struct OfflineMessage {
  int64_t id = 0;      // ascending in the order of arrival
  Timestamp stamp;     // when it arrived
  std::string stanza;  // as it goes on a jabber:client stream
};

struct Entry {
  std::string key, value;
  bool operator==(const Entry&) const = default;
};

// One item of a pubsub node, as XEP-0060 has them.
struct TopicItem {
  int64_t seq = 0;   // its key, ascending in the order of publication; unique among the items of all nodes
  int64_t node = 0;  // which node's
  std::string id, publisher;
  Timestamp published;
  std::string payload;  // as bytes
  bool operator==(const TopicItem&) const = default;
};

// Writes are done in the order asked for; `done` tells that the write and all before it are durable
// (false: failed and not done), and may come from any thread, also from inside the call. Reads
// block until they have an answer and see every write that is done. All functions may be called
// from any thread.
class Store {
 public:
  using Done = std::function<void(bool ok)>;

  virtual ~Store() = default;  // finishes what was asked for

  // Writes that have failed since it was opened, for metrics.
  virtual uint64_t failed_writes() const { return 0; }

  // ---- Accounts ----
  virtual std::vector<Account> accounts() = 0;
  virtual void put_account(Account account,
                           Done done) = 0;  // new, or the keys of one that is there
  // With its roster and offline messages.
  virtual void remove_account(std::string_view local, Done done) = 0;

  // ---- Rosters ----
  virtual Roster roster(std::string_view local) = 0;
  virtual void put_roster_item(std::string_view local, RosterItem item, uint64_t version,
                               Done done) = 0;
  virtual void remove_roster_item(std::string_view local, std::string_view jid, uint64_t version,
                                  Done done) = 0;

  // ---- Offline messages ----
  virtual void add_offline(std::string_view local, Timestamp stamp, std::string stanza,
                           Done done) = 0;
  // All of an account, oldest first, those asked for before included. `take` may come from any
  // thread.
  virtual void read_offline(std::string_view local,
                            std::function<void(std::vector<OfflineMessage>)> take) = 0;
  virtual void remove_offline(std::string_view local, int64_t through_id, Done done) = 0;
  struct OfflineUse {
    size_t messages = 0, bytes = 0;
  };
  virtual OfflineUse offline_use(std::string_view local) = 0;

  // ---- Tables of small entries: the registry's `names`, `instances`, ...; the nodes of pubsub ----
  virtual std::vector<Entry> entries(
      std::string_view table) = 0;  // in the order of the keys' bytes
  virtual void put_entry(std::string_view table, std::string_view key, std::string_view value,
                         Done done) = 0;
  virtual void remove_entry(std::string_view table, std::string_view key, Done done) = 0;

  // ---- Items of pubsub nodes ----
  // All of it or nothing.
  virtual void change_items(std::vector<TopicItem> added, std::vector<int64_t> gone, Done done) = 0;
  // Each item in the order of its key, with the bytes of its payload in place of it.
  virtual void each_item(const std::function<void(TopicItem, size_t payload_bytes)>& visit) = 0;
  // The payloads of those that are there, by key, after all writes asked for before. `take` may come from any thread.
  virtual void read_payloads(std::vector<int64_t> seqs,
                             std::function<void(std::vector<std::pair<int64_t, std::string>>)> take) = 0;
};

}  // namespace xbus::store
