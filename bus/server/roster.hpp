// Rosters: get, set, push and versions (RFC 6121 section 2), and who may see whose presence.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bus/server/iq.hpp"
#include "bus/server/subscription.hpp"
#include "bus/store/store.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::server {

inline constexpr std::string_view ns_roster = "jabber:iq:roster";

// What a change of a roster counts at least while the store has not written it. An account may have as
// many under way as its roster may have items (limits::roster_items_max), of that size.
inline constexpr size_t roster_change_bytes = 1024;

// One account's roster in memory, while a session of it or a write to it is under way.
class Contacts {
 public:
  using Item = store::RosterItem;
  explicit Contacts(const store::Roster& kept);

  uint64_t version() const { return version_; }
  const std::map<std::string, Item, std::less<>>& items() const { return items_; }
  const Item* find(std::string_view bare) const;
  size_t listed() const { return listed_; }
  size_t unwritten() const { return unwritten_; }  // bytes

 private:
  friend class Rosters;
  uint64_t version_;
  std::map<std::string, Item, std::less<>> items_;
  size_t listed_ = 0;
  size_t unwritten_ = 0;
  bool failed_ = false;  // a write, since none was under way
};

Subscription subscription_of(const store::RosterItem* item);

class Rosters {
 public:
  Rosters(Hub& hub, store::Store& store) : hub_(hub), store_(store) {}

  // The account's roster, read from the store where it is not in memory.
  std::shared_ptr<Contacts> of(std::string_view local);

  // When the store has written it or could not, under the lock.
  using Done = std::function<void(Hub& hub, bool ok)>;

  // Writes the item through to the store and pushes it to the account's interested resources where
  // they see a change. What the store could not write is taken back, and pushed so.
  void put(std::string_view local, store::RosterItem item, Done done = {});
  void remove(std::string_view local, std::string_view bare, Done done = {});
  // Sets what the state machine says; an item that says nothing any more and was never listed goes.
  void set_subscription(std::string_view local, const xmpp::Jid& contact, Subscription state,
                        std::string request);

  // Whether `account` (bare) lets `who` see its presence: itself, or a contact it has approved.
  bool may_see_presence(const xmpp::Jid& account, const xmpp::Jid& who);

 private:
  void push(std::string_view local, const store::RosterItem& item, bool removed, uint64_t version);
  store::Store::Done when_written(std::string_view local, std::shared_ptr<Contacts> contacts,
                                  const store::RosterItem& item, Done done);
  // As the store has it.
  void take_back(std::string_view local, Contacts& contacts);

  Hub& hub_;
  store::Store& store_;
  std::unordered_map<std::string, std::weak_ptr<Contacts>> loaded_;
  size_t prune_at_ = 1024;
};

// <item/> as clients see it.
xml::Element roster_item(const store::RosterItem& item);

void add_roster(IqHandlers& handlers);

}  // namespace xbus::server
